"""Builds the web application: middleware, error handlers, static files and every router."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

import alerts.api
import alerts.pages
import app.admin.pages
import app.auth.pages
import app.exceptions.api
import app.exceptions.pages
import app.metrics.api
import app.metrics.pages
import app.orders.api
import app.orders.pages
import app.tower.pages
import collectors.mappings.pages
import collectors.pages
import collectors.receivers.cloudevents
import collectors.receivers.otlp
import collectors.receivers.webhooks
from app.admin import health, quarantine, reference, tokens, users
from app.admin.rail import RailCounts
from app.auth.attempts import Attempts
from app.auth.dependencies import identify, viewer
from app.auth.tokens import TokenMemory
from app.core.database import make_sessions
from app.settings import Settings
from app.web import live
from app.web.assets import FOLDER, VersionedFiles
from app.web.errors import add_error_handlers
from app.web.forms import see_other
from app.web.middleware import BodyLimit, RequestMarks, SameOrigin

# A request is held against one after another, so those that are asked most come first.
ROUTERS: tuple[APIRouter, ...] = (
    collectors.receivers.cloudevents.router,
    collectors.receivers.otlp.router,
    collectors.receivers.webhooks.router,
    app.auth.pages.router,
    app.admin.pages.router,
    quarantine.router,
    users.router,
    tokens.router,
    reference.router,
    health.router,
    collectors.pages.router,
    collectors.mappings.pages.router,
    app.tower.pages.router,
    app.orders.pages.router,
    app.orders.api.router,
    app.exceptions.pages.router,
    app.exceptions.api.router,
    app.metrics.pages.router,
    app.metrics.api.router,
    alerts.pages.router,
    alerts.api.router,
)


def create_app(settings: Settings, engine: Engine) -> FastAPI:
    """Put the parts together; the worker's tables and jobs are no concern of this process."""
    larger = dict.fromkeys(collectors.receivers.otlp.PATHS, settings.otlp_max_body_bytes)
    made = FastAPI(
        title="Pharos",
        summary="The retail control tower: where every order is, what is stuck, and what it is worth.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"operation_spans": False, "logs": False, "exclude": is_unmeasured},
        middleware=[
            Middleware(RequestMarks, is_secure=settings.secure_cookies),
            Middleware(SameOrigin, public_url=settings.public_url),
            Middleware(BodyLimit, most=settings.max_body_bytes, elsewhere=larger),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=4),
        ],
    )
    made.state.settings = settings
    made.state.engine = engine
    made.state.sessions = make_sessions(engine)
    # Two connections always stay free for receivers, which take one only for as long as they hold a thread.
    made.state.slots = asyncio.Semaphore(max(1, settings.pool_size - 2))
    made.state.live = live.Hub()
    made.state.attempts = Attempts()
    made.state.tokens = TokenMemory()
    made.state.identify = identify
    made.state.rail_counts = RailCounts()
    add_error_handlers(made)
    add_routes(made)
    return made


def add_routes(made: FastAPI) -> None:
    """Mount the static files and include every area."""
    made.mount("/static", VersionedFiles(directory=FOLDER), name="static")
    made.add_api_route("/", go_to_tower, include_in_schema=False)
    made.include_router(live.router, dependencies=[Depends(viewer)])
    for router in ROUTERS:
        made.include_router(router)


def go_to_tower() -> RedirectResponse:
    """The tower is the first page."""
    return see_other("/tower")


@asynccontextmanager
async def lifespan(made: FastAPI) -> AsyncIterator[None]:
    """Size the thread pool like the connection pool, and listen for what the worker tells."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = made.state.settings.pool_size
    with live.listening(made.state.live, made.state.engine):
        yield


def is_unmeasured(scope: Scope) -> bool:
    """Leave out of spans and durations: streams that last for hours, files, and addresses that hold a secret."""
    return str(scope["path"]).startswith(("/live", "/static/", "/sign-in/link/"))

"""What machines ask: is the process alive, can it serve, and what does it measure."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from app.admin.own_health import stored_schema
from app.core.database import transaction
from app.core.schema import newest_schema

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def alive() -> JSONResponse:
    """Answer as long as the process runs; it asks nobody else."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Answer 200 only when a page could be served: database, schema, live listener."""
    faults = _database_faults(request)
    if not request.app.state.live.is_listening.is_set():
        faults.append("the live listener is not connected")
    return JSONResponse({"status": "not ready" if faults else "ok", "faults": faults}, 503 if faults else 200)


@router.get("/metrics")
def metrics() -> Response:
    """Give the tower's own meters to Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _database_faults(request: Request) -> list[str]:
    try:
        with transaction(request.app.state.sessions) as session:
            stored = stored_schema(session)
    except SQLAlchemyError:
        return ["the database does not answer"]
    wanted = newest_schema()
    return [] if stored == wanted else [f"the database is at migration {stored}, this release wants {wanted}"]

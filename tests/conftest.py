"""What all tests stand on: one PostgreSQL a run, a rolled-back transaction a test, three personas, a fixed clock."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from pytest_socket import socket_allow_hosts
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.auth import passwords
from app.main import create_app
from app.settings import Settings
from app.web.dependencies import moment
from tests.builders import NOW

with warnings.catch_warnings():
    # Starlette prefers httpx2, a fork of the httpx that Pharos uses; a container has no folder of its user.
    warnings.filterwarnings("ignore", "Using `httpx` with|XDG_RUNTIME_DIR is not set")
    from fastapi.testclient import TestClient

    from tests.clients import make_client, persona
    from tests.databases import migrated_template, opened_copy

pytest_plugins = ["tests.no_skips"]

TEMPLATE = pytest.StashKey[str]()
OPENED = pytest.StashKey[ExitStack]()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[OPENED] = ExitStack()
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[OPENED].close()


def template_of(config: pytest.Config) -> str:
    """Start PostgreSQL and migrate the template when the first test wants it; other processes are told its address."""
    if given := getattr(config, "workerinput", {}).get("template"):
        return str(given)
    if TEMPLATE not in config.stash:
        config.stash[TEMPLATE] = config.stash[OPENED].enter_context(migrated_template())
    return config.stash[TEMPLATE]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: "pytest.Item") -> None:
    node.workerinput["template"] = template_of(node.config)  # type: ignore[attr-defined]


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def template(pytestconfig: pytest.Config) -> str:
    return template_of(pytestconfig)


@pytest.fixture(scope="session")
def engine(template: str) -> Iterator[Engine]:
    with opened_copy(template) as opened:
        yield opened


@pytest.fixture
def fresh_database(template: str) -> Iterator[Engine]:
    """A database of one's own, for tests that commit."""
    with opened_copy(template) as opened:
        yield opened


@pytest.fixture
def sessions(engine: Engine) -> Iterator[sessionmaker[Session]]:
    """Sessions of one connection whose transaction is rolled back after the test."""
    with engine.connect() as connection, connection.begin() as outer:
        options = {"expire_on_commit": False, "autoflush": False}
        yield sessionmaker(connection, join_transaction_mode="create_savepoint", **options)
        outer.rollback()


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as opened:
        yield opened


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(retailer="Test Retail", public_url="http://testserver")


@pytest.fixture
def clock() -> SimpleNamespace:
    """The time that requests see: set `clock.now` to move it."""
    return SimpleNamespace(now=NOW)


@pytest.fixture
def app(settings: Settings, engine: Engine, sessions: sessionmaker[Session], clock: SimpleNamespace) -> FastAPI:
    made = create_app(settings, engine)
    made.state.sessions = sessions
    made.dependency_overrides[moment] = lambda: clock.now
    return made


@pytest.fixture
def client(app: FastAPI, session: Session) -> TestClient:
    return make_client(app, session)


viewer, operator, admin = persona("viewer"), persona("operator"), persona("admin")

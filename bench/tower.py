"""A tower to measure: an embedded PostgreSQL, a web and a worker process, and the means to ask them things."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import psycopg
from sqlalchemy import make_url

from app.auth import commands as accounts
from app.boot import prepare
from app.core.clock import utc_now
from app.core.database import make_engine, make_sessions, transaction
from app.core.embedded import embedded_postgres
from app.settings import child_environment
from bench.client import Client

ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0


@dataclass
class Tower:
    """Running processes, and what a sender and a person need to come in."""

    url: str
    port: int
    folder: Path
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    token: str
    cookie: str = ""

    def sender(self) -> Client:
        """A program that may send."""
        return Client(self.port, {"Authorization": f"Bearer {self.token}"})

    def person(self) -> Client:
        """A browser that has signed in."""
        return Client(self.port, {"Cookie": self.cookie})

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of the bench's own; what the tower does is not counted by it."""
        return psycopg.connect(self.url, autocommit=True, application_name="bench")


@contextmanager
def running_tower(folder: Path, **settings: str) -> Iterator[Tower]:
    """Start everything in `folder` and wait until it can serve; stop it all at the end."""
    with embedded_postgres(folder) as address:
        url = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
        token, link = _open(url)
        port = _free_port()
        wanted = {"DATABASE_URL": url, "PORT": str(port), "DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", **settings}
        environment = child_environment({f"PHAROS_{name}": value for name, value in wanted.items()})
        web, worker = (_start(role, environment, folder) for role in ("web", "worker"))
        try:
            tower = Tower(url, port, folder, web, worker, token)
            _wait(tower)
            tower.cookie = _sign_in(tower, link)
            yield tower
        finally:
            _stop(web, worker)


def _open(url: str) -> tuple[str, str]:
    """Make the schema, a sender's token and the first person's link."""
    engine = make_engine(url, 2)
    prepare(engine)
    with transaction(make_sessions(engine)) as session:
        token = accounts.issue_token(session, "bench", ["ingest", "read"], utc_now())
        link = accounts.ensure_first_admin(session, "bench@pharos.local", utc_now())
    engine.dispose()
    return token, link


def _start(role: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{role}.log").open("ab") as log:
        command = [sys.executable, "-m", "app", "serve", "--role", role]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def _wait(tower: Tower) -> None:
    deadline = monotonic() + _READY_SECONDS
    while monotonic() < deadline:
        for role, process in (("web", tower.web), ("worker", tower.worker)):
            if process.poll() is not None:
                log = (tower.folder / f"{role}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"the {role} process ended:\n{log}")
        if _is_ready(tower):
            return
        sleep(0.1)
    raise RuntimeError("the tower did not become ready")


def _is_ready(tower: Tower) -> bool:
    client = tower.sender()
    try:
        return client.get("/readyz").status == 200
    except OSError:
        return False
    finally:
        client.close()


def _sign_in(tower: Tower, link: str) -> str:
    client = tower.sender()
    client.connection.request("POST", f"/sign-in/link/{link}", b"", {})
    response = client.connection.getresponse()
    response.read()
    cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
    client.close()
    if response.status != 303 or not cookie:
        raise RuntimeError(f"the sign-in link answered {response.status} ({urlsplit(link).path[:4]}…)")
    return cookie


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

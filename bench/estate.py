"""A real tower to measure: embedded PostgreSQL, one web and one worker process, started and stopped here."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import httpx
import psutil
from sqlalchemy import Engine, text

from app.auth import commands as accounts
from app.boot import prepare
from app.core.clock import utc_now
from app.core.database import make_engine, make_sessions, transaction
from app.core.embedded import embedded_postgres
from app.settings import child_environment


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one process in MiB: resident, and with what it shares with others divided among them."""

    rss: float
    pss: float

    @classmethod
    def of(cls, process: psutil.Process) -> "Memory":
        """Read it now."""
        told = process.memory_full_info()
        return cls(round(told.rss / 2**20, 1), round(told.pss / 2**20, 1))


@dataclass(frozen=True, slots=True)
class Tower:
    """A running tower: its address, its database, a sender's token, its processes by role."""

    url: str
    engine: Engine
    token: str
    processes: dict[str, psutil.Process]

    def ask(self, statement: str) -> int:
        """Read one number from the store."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar() or 0)

    def sender(self) -> httpx.Client:
        """A client that may send."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/cloudevents-batch+json"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def viewer(self) -> httpx.Client:
        """A client that is signed in as an administrator."""
        with transaction(make_sessions(self.engine)) as session:
            link = accounts.ensure_first_admin(session, "bench@pharos.local", utc_now())
        client = httpx.Client(base_url=self.url, timeout=60, trust_env=False, follow_redirects=True)
        client.post(f"/sign-in/link/{link}").raise_for_status()
        return client

    def memory(self) -> dict[str, Memory]:
        """Memory by role."""
        return {role: Memory.of(process) for role, process in self.processes.items()}


@contextmanager
def running_tower(folder: Path) -> Iterator[Tower]:
    """Run a tower with its store in `folder`."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with embedded_postgres(folder) as database:
        engine = make_engine(database, 4)
        prepare(engine)
        with transaction(make_sessions(engine)) as session:
            token = accounts.issue_token(session, "bench", ["ingest", "read"], utc_now())
        settings = {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "WARNING", "INBOX_LIMIT": "50000"}
        environment = child_environment({f"PHAROS_{name}": value for name, value in settings.items()})
        command = [sys.executable, "-m", "app.role"]
        children = {role: subprocess.Popen([*command, role], env=environment) for role in ("web", "worker")}
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(url)
            yield Tower(url, engine, token, {role: psutil.Process(one.pid) for role, one in children.items()})
        finally:
            for child in children.values():
                child.terminate()
            for child in children.values():
                child.wait(30)
            engine.dispose()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the tower did not become ready within a minute")

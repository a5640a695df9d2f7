"""Real towers for tests: web and worker as processes of their own, on a clone of the test database."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

import httpx
from sqlalchemy import Engine, text

from app.auth import commands as accounts
from app.boot import prepare
from app.core.clock import utc_now
from app.core.database import make_engine, make_sessions, transaction
from app.settings import child_environment
from tests.alerts.doors import free_port
from tests.databases import cloned

ROOT = Path(__file__).resolve().parents[2]
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@dataclass
class Tower:
    """A tower in processes of its own: what may be done to it from the outside, and its log.

    A process is called by its role, or by the role and a number; `doors` are the addresses of all web processes.
    """

    base_url: str
    engine: Engine
    environment: dict[str, str]
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def doors(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports.values()] or [self.base_url]

    def start(self, name: str) -> None:
        """Start one process; it is ready some time later."""
        role, _, number = name.partition("-")
        environment = self.environment
        if role == "web" and number:
            port = self.ports.setdefault(name, free_port())
            environment = {**environment, "PHAROS_PORT": str(port)}
        with self.log.open("ab") as log:
            self.processes[name] = start_pharos(environment, "serve", "--role", role, log=log)

    def wait_until_ready(self, seconds: float = 30) -> None:
        """Wait until every web process says that it can serve."""
        for door in self.doors:
            wait_until(partial(is_ready, door), f"{door} to be ready", seconds, self.log)

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Ask every process to stop, and wait."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)

    def token(self, *scopes: str) -> str:
        """Issue a token as `pharos token create` does."""
        with transaction(make_sessions(self.engine)) as session:
            return accounts.issue_token(session, "test", scopes, utc_now())

    def client(self, *scopes: str) -> httpx.Client:
        """A program that holds a token with these scopes."""
        headers = {"Authorization": f"Bearer {self.token(*scopes)}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=20, trust_env=False)

    def sign_in_link(self, role: str = "operator") -> str:
        """Make a user and the address that signs them in once."""
        email = f"{role}@retail.example"
        with transaction(make_sessions(self.engine)) as session:
            if session.execute(text("SELECT 1 FROM users WHERE email = :email"), {"email": email}).first() is None:
                accounts.create_user(session, email, f"Robin {role.title()}", role, utc_now())
            return f"{self.base_url}/sign-in/link/{accounts.issue_link(session, email, utc_now())}"

    def ask(self, statement: str, **parameters: object) -> Any:
        """Read one value from the store."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), parameters).scalar()

    def settle(self, seconds: float = 30) -> None:
        """Wait until everything that was taken in is worked off."""
        empty = "SELECT NOT EXISTS (SELECT FROM inbox)"
        wait_until(lambda: self.ask(empty), "the inbox to be empty", seconds, self.log)

    def export(self) -> bytes:
        """Run `pharos export`."""
        return self._run("export")

    def verify(self) -> list[str]:
        """Run `pharos verify`, which ends well only when it finds nothing; returns what it says."""
        return self._run("verify").decode().splitlines()

    def _run(self, command: str) -> bytes:
        arguments = [sys.executable, "-m", "app", command]
        done = subprocess.run(arguments, cwd=ROOT, env=self.environment, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()[-3000:]
        return done.stdout


@contextmanager
def tower_on(template: str, folder: Path, **settings: str) -> Iterator[Tower]:
    """Run web and worker on a database of their own for as long as the block lasts."""
    with cloned(template) as url, tower_at(url, folder, ("web", "worker"), **settings) as tower:
        yield tower


@contextmanager
def tower_at(url: str, folder: Path, processes: Sequence[str], **settings: str) -> Iterator[Tower]:
    """Run these processes on an empty database for as long as the block lasts."""
    port = free_port()
    engine = make_engine(url, 4)
    prepare(engine)
    changes = {"DATABASE_URL": url, "PORT": str(port), "DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", **settings}
    environment = child_environment({f"PHAROS_{name}": value for name, value in changes.items()})
    tower = Tower(f"http://127.0.0.1:{port}", engine, environment, folder / "tower.log")
    try:
        for process in processes:
            tower.start(process)
        tower.wait_until_ready()
        yield tower
    finally:
        tower.stop()
        engine.dispose()


def start_pharos(environment: dict[str, str], *arguments: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a command of `pharos` with its output in a log."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)


def is_ready(base_url: str) -> bool:
    """Ask a tower whether it can serve."""
    try:
        return httpx.get(f"{base_url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(claim: Callable[[], object], what: str, seconds: float, log: Path | None = None) -> None:
    """Wait until a claim holds; when it never does, fail with the end of the log."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if claim():
            return
        sleep(0.05)
    tail = log.read_text(errors="replace")[-3000:] if log and log.exists() else ""
    raise AssertionError(f"waited {seconds:g} s for {what}\n{tail}")

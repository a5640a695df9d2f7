"""Story: somebody starts the tower on a laptop, a process of it dies, and Ctrl-C ends everything it started."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import httpx
import psutil
import pytest

from app.settings import child_environment
from tests.alerts.doors import free_port
from tests.stories.towers import is_ready, start_pharos, wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(150)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "serve.log"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    settings = {
        "DATA_DIR": str(tmp_path / "store"),
        "PORT": str(free_port()),
        "DATABASE_URL": "",
        "LOG_LEVEL": "WARNING",
    }
    return child_environment({f"PHAROS_{name}": value for name, value in settings.items()})


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Whatever a test starts is gone when it ends, also when it fails."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_serve_starts_what_falls_and_stops_what_it_started(
    environment: dict[str, str], log: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    url = f"http://127.0.0.1:{environment['PHAROS_PORT']}"
    first = serve(environment, log, started)
    wait_until(lambda: is_ready(url), "the first start", 60, log)
    family = relatives(first)
    worker = role(family, "worker")
    assert any("postgres" in process.name() for process in postgres_of(environment))
    worker.kill()
    wait_until(lambda: role(relatives(first), "worker").pid != worker.pid, "a new worker", 20, log)
    family = [*relatives(first), *postgres_of(environment)]
    stop(first)
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []

    begun = monotonic()
    second = serve(environment, log, started)
    wait_until(lambda: is_ready(url), "the second start", 30, log)
    assert monotonic() - begun < 10
    stop(second)
    assert postgres_of(environment) == []


def test_a_taken_port_is_said_in_words(
    environment: dict[str, str], log: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    url = f"http://127.0.0.1:{environment['PHAROS_PORT']}"
    serve(environment, log, started)
    wait_until(lambda: is_ready(url), "the first start", 60, log)
    with (log.parent / "second.log").open("wb") as second:
        process = start_pharos(environment, "serve", log=second)
        assert process.wait(30) == 1
    assert "PHAROS_PORT" in (log.parent / "second.log").read_text()


def test_the_link_that_the_demo_prints_leads_in_at_once(
    environment: dict[str, str], log: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    serve({**environment, "PHAROS_STORY_BACKFILL_HOURS": "0"}, log, started, "demo")
    wait_until(lambda: "/sign-in/link/" in log.read_text(), "the link", 60, log)
    link = next(word for word in log.read_text().split() if "/sign-in/link/" in word)
    assert httpx.post(link, trust_env=False).status_code == 303
    stop(started[0])


def serve(
    environment: dict[str, str], log: Path, started: list[subprocess.Popen[bytes]], command: str = "serve"
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        started.append(start_pharos(environment, command, log=output))
    return started[-1]


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def relatives(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def role(family: list[psutil.Process], name: str) -> psutil.Process:
    found = [process for process in family if process.status() != psutil.STATUS_ZOMBIE and name in process.cmdline()]
    return found[0] if found else psutil.Process()


def postgres_of(environment: dict[str, str]) -> list[psutil.Process]:
    """Servers that run on this store."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and environment["PHAROS_DATA_DIR"] in " ".join(
            process.info["cmdline"] or ()
        ):
            found.append(process)
    return found

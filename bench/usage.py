"""What the tower's processes use: resident memory with its peak, and the worker's processor time, its backends' included."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from bench.tower import Tower

_EVERY_SECONDS = 0.25
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pharos-worker'"


@dataclass
class Memory:
    """Resident bytes of the web process and the worker: now, and the most that was seen of each and of both."""

    tower: Tower
    peaks: dict[str, int] = field(default_factory=dict)

    def read(self) -> dict[str, int]:
        """Measure both, and keep the peaks up to date."""
        pids = {"web": self.tower.web.pid, "worker": self.tower.worker.pid}
        sizes = {name: psutil.Process(pid).memory_info().rss for name, pid in pids.items()}
        sizes["together"] = sum(sizes.values())
        self.peaks = {name: max(size, self.peaks.get(name, 0)) for name, size in sizes.items()}
        return sizes


@contextmanager
def watched(tower: Tower) -> Iterator[Memory]:
    """Measure memory all the time that the block takes."""
    memory, stop = Memory(tower), threading.Event()

    def watch() -> None:
        while not stop.wait(_EVERY_SECONDS):
            memory.read()

    memory.read()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        stop.set()
        thread.join()


@dataclass
class Processor:
    """Processor seconds of the worker and of the database's backends that work for it."""

    tower: Tower
    spent: dict[int, float] = field(default_factory=dict)

    def read(self, connection: psycopg.Connection[Any]) -> float:
        """Seconds so far; a backend that has ended keeps what it had spent."""
        backends = [row[0] for row in connection.execute(_BACKENDS)]
        for pid in (self.tower.worker.pid, *backends):
            try:
                times = psutil.Process(pid).cpu_times()
            except psutil.NoSuchProcess:
                continue
            self.spent[pid] = times.user + times.system
        return sum(self.spent.values())

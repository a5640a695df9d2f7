"""Runs the processes of one tower: starts web and worker, starts them again when they fall, stops them all."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import FrameType

from app.settings import child_environment

SUPERVISED = "--supervised"
STOP_SECONDS = 15.0
RESTART_SECONDS = 1.0


@dataclass(slots=True)
class Child:
    """One process of the tower: a module that Python runs, and what it is told."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0


class Supervisor:
    """Keeps a set of processes running until a signal says stop."""

    def __init__(self, children: Sequence[Child], environment: Mapping[str, str]) -> None:
        self.children = children
        self.environment = child_environment(environment)
        self.stopping = threading.Event()

    def run(self) -> None:
        """Start everything and wait; returns when all have stopped."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    self._keep(child)
                self.stopping.wait(0.2)
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=self.stopping.set).start()

    def _keep(self, child: Child) -> None:
        if child.process is not None and child.process.poll() is None:
            return
        if child.process is not None and monotonic() - child.started_at < RESTART_SECONDS:
            return
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the others in order.
        command = [sys.executable, "-m", *child.arguments]
        child.process = subprocess.Popen(command, env=self.environment, start_new_session=True)
        child.started_at = monotonic()

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def once_listening(host: str, port: int, tell: Callable[[], None]) -> None:
    """Call `tell` as soon as somebody takes connections there, in a thread that ends with this process."""

    def watch() -> None:
        while True:
            with suppress(OSError), socket.create_connection((host, port), timeout=1.0):
                tell()
                return
            threading.Event().wait(0.1)

    threading.Thread(target=watch, daemon=True).start()


def follow_parent() -> None:
    """Stop this process when its supervisor is gone without having stopped it."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()

"""Runs every measurement once, in order, and writes the figures as JSON and as a table."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

import psutil

from app.core.clock import utc_now
from bench.delay import measure_ruled, measure_visible
from bench.estate import running_tower
from bench.intake import measure_copy, measure_intake
from bench.pages import measure_pages
from bench.ruling import measure_rules
from bench.table import table

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
DEFAULT_SCALE = 200_000
P, T = ParamSpec("P"), TypeVar("T")


def main() -> None:
    """Measure at BENCH_SCALE events; print the table and keep the figures."""
    scale = int(os.environ.get("BENCH_SCALE", DEFAULT_SCALE))
    with TemporaryDirectory(prefix="pharos-bench-", ignore_cleanup_errors=True) as folder:
        figures = measure(scale, Path(folder) / "store")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{utc_now():%Y%m%dT%H%M%S}-{scale}.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(table(figures))


def measure(scale: int, folder: Path) -> dict[str, object]:
    """All figures of one run, on one store."""
    with running_tower(folder) as tower:
        memory = {"at rest": tower.memory()}
        intake = _told(measure_intake, tower, scale)
        memory["after the load"] = tower.memory()
        copied = _told(measure_copy, tower.engine)
        rules = _told(measure_rules, tower)
        pages = _told(measure_pages, tower)
        visible = _told(measure_visible, tower, intake.rate / 2)
        ruled = _told(measure_ruled, tower, intake.rate / 2)
        memory["at the end"] = tower.memory()
        version = tower.ask("SHOW server_version_num")
    return {
        "at": utc_now().isoformat(),
        "machine": machine(version),
        "events": intake.events,
        "intake_per_second": round(intake.rate),
        "copy_per_second": round(copied),
        "intake_to_copy": round(intake.rate / copied, 3),
        "last_to_first_tenth": round(intake.tenths[-1] / intake.tenths[0], 2),
        "accepted_to_visible_ms": asdict(visible),
        "accepted_to_rule_ms": asdict(ruled),
        "rules_seconds": round(rules, 2),
        "pages_ms": {name: asdict(taken) for name, taken in pages.items()},
        "memory_mib": {when: {role: asdict(one) for role, one in told.items()} for when, told in memory.items()},
    }


def _told(measurement: Callable[P, T], *told: P.args, **named: P.kwargs) -> T:
    """Take a measurement, and say on standard error that it is done: a run of millions of events takes long."""
    started = time.perf_counter()
    result = measurement(*told, **named)
    print(f"{measurement.__name__}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return result


def machine(version: int) -> dict[str, object]:
    """What it ran on."""
    return {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "postgresql": f"{version // 10_000}.{version % 10_000}",
        "system": f"{platform.system()} {platform.machine()}",
    }

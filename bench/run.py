"""Runs every measurement once, in order, and writes the figures as JSON and as a table."""

import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from app.core.clock import utc_now
from bench.estate import running_tower
from bench.intake import measure_copy, measure_intake
from bench.reading import measure_pages, measure_visible

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
DEFAULT_SCALE = 200_000


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
        intake = measure_intake(tower, scale)
        after_load = tower.memory()
        copied = measure_copy(tower.engine)
        pages = measure_pages(tower)
        visible = measure_visible(tower, intake.rate / 2)
        memory = tower.memory()
        version = tower.ask("SHOW server_version_num")
    return {
        "at": utc_now().isoformat(),
        "machine": machine(version),
        "events": intake.events,
        "intake_per_second": round(intake.rate),
        "copy_per_second": round(copied),
        "intake_to_copy": round(intake.rate / copied, 3),
        "last_to_first_tenth": round(intake.tenths[-1] / intake.tenths[0], 2),
        "pages_ms": {name: asdict(taken) for name, taken in pages.items()},
        "accepted_to_visible_ms": asdict(visible),
        "memory_mib": {
            "after the load": {role: round(size) for role, size in after_load.items()},
            "at the end": {role: round(size) for role, size in memory.items()},
        },
    }


def machine(version: int) -> dict[str, object]:
    """What it ran on."""
    return {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "postgresql": f"{version // 10_000}.{version % 10_000}",
        "system": f"{platform.system()} {platform.machine()}",
    }


def table(figures: dict[str, object]) -> str:
    """The figures as a Markdown table."""
    rows = [
        ("events", f"{figures['events']:,}"),
        ("HTTP to folded, events/s", f"{figures['intake_per_second']:,}"),
        ("COPY of the same rows, rows/s", f"{figures['copy_per_second']:,}"),
        ("**ratio**", f"**{figures['intake_to_copy']}**"),
        ("last tenth of the load ÷ first tenth, time", str(figures["last_to_first_tenth"])),
        ("accepted → on an open page, at half load", _ms(figures["accepted_to_visible_ms"])),
    ]
    rows += [(f"`{name}`", _ms(taken)) for name, taken in _mapping(figures["pages_ms"]).items()]
    for when, sizes in _mapping(figures["memory_mib"]).items():
        total = sum(_mapping(sizes).values())
        rows.append((f"resident memory {when}", f"{total} MiB ({', '.join(f'{r} {s}' for r, s in sizes.items())})"))
    lines = ["| what | figure |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([f"Machine: {json.dumps(figures['machine'])}", "", *lines])


def _ms(taken: object) -> str:
    told = _mapping(taken)
    return f"p50 {told['p50']} ms, p95 {told['p95']} ms"


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"not a mapping: {value!r}")
    return value


if __name__ == "__main__":
    sys.exit(main())

"""The files of the checkout as the sweeps see them: everything that git keeps or would keep."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def kept_files() -> tuple[Path, ...]:
    """List what is committed or would be, relative to the root; a deleted file is no longer there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = sorted({Path(name) for name in listing.split("\0") if name})
    return tuple(path for path in paths if (ROOT / path).is_file())


def files(*suffixes: str, under: str = ".") -> list[Path]:
    """Pick the kept files that end like this, below a folder."""
    return [path for path in kept_files() if path.suffix in suffixes and path.is_relative_to(under)]


def read(path: Path) -> str:
    """Read a kept file."""
    return (ROOT / path).read_text(encoding="utf-8")

"""A skipped test fails the run, also when it ran in another process."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = "import pytest\n\n\n@pytest.mark.skip(reason='not today')\ndef test_left_out():\n    pass\n"
PASSED = "def test_done():\n    pass\n"


@pytest.mark.parametrize("processes", ["0", "1"])
def test_skipped_test_fails_the_run(tmp_path: Path, processes: str) -> None:
    run = run_pytest(tmp_path, PASSED + SKIPPED, processes)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 skipped: a test that does not run proves nothing" in run.stdout
    assert "1 passed, 1 skipped" in run.stdout


def test_run_without_skips_passes(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, PASSED, "0").returncode == pytest.ExitCode.OK


def run_pytest(folder: Path, content: str, processes: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(content)
    (folder / "pytest.ini").write_text("[pytest]\n")
    options = ["-p", "tests.no_skips", "-p", "no:cacheprovider", "-n", processes, "-c", str(folder / "pytest.ini")]
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)

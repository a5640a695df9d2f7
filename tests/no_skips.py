"""Turns a run in which a test was skipped into a failed run, so that nothing is left out in silence."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if skipped(session.config) and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := skipped(config):
        terminalreporter.write_line(f"{count} skipped: a test that does not run proves nothing", red=True)


def skipped(config: pytest.Config) -> int:
    """Count the skipped tests of the whole run; the processes of pytest-xdist leave it to the one that reports."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0

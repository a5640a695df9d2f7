"""The command line: serve, demo, migrate, load, export, verify, token, user, flows, bench."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.auth import commands as accounts
from app.auth.rules import SCOPES
from app.boot import check_port, prepare, processes, store
from app.core.clock import utc_now
from app.core.database import make_sessions, transaction
from app.core.documents import DocumentError
from app.core.errors import PharosError, UnavailableError
from app.core.logging import set_up_logging
from app.core.migrate import ROOT
from app.export import export_lines
from app.journeys.catalogue import SHIPPED, load_flows
from app.role import become_role
from app.serve import SUPERVISED, Child, Supervisor, follow_parent, once_listening
from app.settings import Settings, get_settings
from app.simulator.send import FAULT_BEGAN, run_until_signalled
from app.verify.run import size_of, verify
from collectors.load import load_events
from collectors.receivers.cloudevents_normalise import Limits
from collectors.receivers.steps import known_steps

cli = typer.Typer(help="Pharos: the retail control tower.", no_args_is_help=True, pretty_exceptions_enable=False)
tokens = typer.Typer(help="Tokens of senders and readers.", no_args_is_help=True)
users = typer.Typer(help="People who may sign in.", no_args_is_help=True)
flows = typer.Typer(help="The flow catalogue.", no_args_is_help=True)
cli.add_typer(tokens, name="token")
cli.add_typer(users, name="user")
cli.add_typer(flows, name="flows")

FIRST_ADMIN = "admin@pharos.local"
SIMULATED_RETAILER = "Northmere Retail"
console = Console(stderr=True, highlight=False)

Supervised = Annotated[bool, typer.Option(hidden=True)]


def main() -> None:
    """Run a command; an error that we can explain is one or two lines, not a traceback."""
    try:
        cli()
    except (PharosError, DocumentError) as error:
        console.print(f"[red]error:[/red] {error}")
        if hint := getattr(error, "hint", ""):
            console.print(hint)
        sys.exit(1)


@cli.command()
def serve(
    role: Annotated[str, typer.Option(help="web, worker, or both: one of each and the store they need")] = "both",
) -> None:
    """Run the tower."""
    settings = get_settings()
    if role not in ("web", "worker", "both"):
        raise typer.BadParameter("choose web, worker or both")
    if role != "both":
        become_role(role)
    check_port(settings)
    with store(settings) as (url, engine):
        prepare(engine)
        engine.dispose()
        console.print(f"Pharos serves {settings.base_url} (Ctrl-C stops it)")
        Supervisor(processes(), {"PHAROS_DATABASE_URL": url}).run()


@cli.command()
def demo() -> None:
    """Run the tower with the simulated retailer, and print a link that signs in."""
    settings = get_settings()
    check_port(settings)
    with store(settings) as (url, engine):
        prepare(engine)
        now = utc_now()
        with transaction(make_sessions(engine)) as session:
            link = accounts.ensure_first_admin(session, FIRST_ADMIN, now)
            token = accounts.issue_token(session, f"simulator {now:%Y-%m-%d %H:%M:%S}", ["ingest"], now)
        engine.dispose()
        console.print(f"Pharos serves {settings.base_url} with a simulated retailer (Ctrl-C stops it)")
        once_listening(settings.host, settings.port, lambda: print_link(settings, link))
        environment = {
            "PHAROS_DATABASE_URL": url,
            "PHAROS_SIMULATED": "true",
            "PHAROS_RETAILER": SIMULATED_RETAILER,
            "PHAROS_INGEST_TOKEN": token,
            "PHAROS_STORY_SINCE": story_since(settings, now).isoformat(),
        }
        Supervisor([*processes(), Child("simulator", ["app", "simulate", SUPERVISED])], environment).run()


@cli.command(hidden=True)
def simulate(supervised: Supervised = False) -> None:
    """Send the simulated retailer's events to the tower at the configured address."""
    settings = get_settings()
    set_up_logging("WARNING")
    if supervised:
        follow_parent()
    run_until_signalled(
        f"http://{settings.host}:{settings.port}",
        settings.ingest_token.get_secret_value(),
        story=settings.story,
        speed=settings.story_speed,
        backfill_hours=settings.story_backfill_hours,
        seed=settings.story_seed,
        since=settings.story_since,
    )


@cli.command()
def migrate() -> None:
    """Bring the database to the schema of this release."""
    with store(get_settings()) as (_, engine):
        prepare(engine)


@cli.command()
def load(file: Annotated[typer.FileBinaryRead, typer.Argument(help="CloudEvents, one a line; - is the input")]) -> None:
    """Take in a file of events; the worker works them off."""
    settings = get_settings()
    limits = Limits(known_steps(settings.flow_dir), settings.max_event_bytes)
    with store(settings) as (_, engine), progress(file.name) as advance:
        prepare(engine)
        result = load_events(make_sessions(engine), file, limits=limits, now=utc_now(), on_progress=advance)
    console.print(f"{result.received:,} events taken in, {result.quarantined:,} in quarantine")
    for line, reason in result.examples:
        console.print(f"  line {line}: {reason}")


@cli.command()
def export() -> None:
    """Write every journey as a line of JSON, whatever order its events came in."""
    with store(get_settings()) as (_, engine), make_sessions(engine)() as session:
        for line in export_lines(session):
            sys.stdout.buffer.write(line + b"\n")


@cli.command("verify")
def verify_store() -> None:
    """Work everything out again from the events, and print where the store differs (nowhere)."""
    settings = get_settings()
    known, retention = load_flows(settings.flow_dir or SHIPPED), timedelta(days=settings.retention_days)
    with store(settings) as (_, engine):
        # One snapshot: events that come in meanwhile are not half in it.
        still = engine.execution_options(isolation_level="REPEATABLE READ")
        with make_sessions(still)() as session, steps("verifying", size_of(session)) as advance:
            report = verify(session, known, retention, utc_now(), advance)
    for line in report.lines():
        typer.echo(line)
    raise typer.Exit(0 if report.is_clean else 1)


@cli.command()
def bench() -> None:
    """Measure intake, pages, visibility and memory (in a checkout; BENCH_SCALE sets how many events)."""
    if not (ROOT / "bench").is_dir():
        raise UnavailableError("the bench is not part of an installed Pharos", "Run it in a checkout: make bench.")
    raise typer.Exit(subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, check=False).returncode)


@tokens.command("create")
def create_token(
    scope: Annotated[list[str], typer.Option(help=f"One or more of: {', '.join(SCOPES)}")],
    name: Annotated[str, typer.Option(help="The system that will use it")] = "command line",
) -> None:
    """Print a new token, once; only its hash is kept."""
    with store(get_settings()) as (_, engine), transaction(make_sessions(engine)) as session:
        token = accounts.issue_token(session, name, scope, utc_now())
    sys.stdout.write(f"{token}\n")


@users.command("create")
def create_user(
    email: str,
    name: Annotated[str, typer.Option()] = "",
    role: Annotated[str, typer.Option(help="viewer, operator or admin")] = "viewer",
) -> None:
    """Add a user and print a link that signs them in once."""
    with store(get_settings()) as (_, engine), transaction(make_sessions(engine)) as session:
        accounts.create_user(session, email, name or email.partition("@")[0], role, utc_now())
        link = accounts.issue_link(session, email, utc_now())
    print_link(get_settings(), link)


@users.command("link")
def link_user(email: str) -> None:
    """Print a link that signs a user in once."""
    with store(get_settings()) as (_, engine), transaction(make_sessions(engine)) as session:
        link = accounts.issue_link(session, email, utc_now())
    print_link(get_settings(), link)


@users.command("password")
def set_password(
    email: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
) -> None:
    """Give a user a new password and end their sessions."""
    with store(get_settings()) as (_, engine), transaction(make_sessions(engine)) as session:
        accounts.set_password(session, email, password, utc_now())


@flows.command("check")
def check_flows(folder: Annotated[Path | None, typer.Argument(help="A folder of flow files")] = None) -> None:
    """Check flow files; problems name line and field."""
    for flow in load_flows(folder or get_settings().flow_dir or SHIPPED):
        console.print(f"{flow.name}: {len(flow.milestones)} milestones, {len(flow.takes)} steps, all well")


def story_since(settings: Settings, now: datetime) -> datetime:
    """When the simulated retailer's first fault began: kept with its store, so that a restart tells the same past."""
    mark = settings.data_dir / "story-since"
    if settings.story_since is not None:
        return settings.story_since
    if not mark.exists():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text((now - FAULT_BEGAN).isoformat(), encoding="utf-8")
    return datetime.fromisoformat(mark.read_text(encoding="utf-8"))


def print_link(settings: Settings, link: str) -> None:
    """Print a sign-in link alone on the output, so that it can be piped."""
    sys.stdout.write(f"{settings.base_url}/sign-in/link/{link}\n")
    sys.stdout.flush()


@contextmanager
def progress(name: str) -> Iterator[Callable[[int], None]]:
    """Show how far a file is read; the yielded function takes the bytes of each step."""
    total = os.path.getsize(name) if os.path.isfile(name) else None
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("loading", total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def steps(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many steps of a long work are done; the yielded function takes those of each stretch."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(name, total=total)
        yield lambda count: bar.advance(task, count)

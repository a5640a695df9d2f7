"""The story of a verification: events → names → who owns what → facts of each journey → folds → differences."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.ids import event_uid
from app.events.fact import Fact, fact_of, pack_facts, unpack_fact, unpack_facts
from app.events.store import all_events
from app.journeys.concern import counts_fact, takes_fact
from app.journeys.flow import Flow
from app.verify.compare import compare_tables
from app.verify.folds import count_alone, fold_journeys
from app.verify.ownership import Estate
from app.verify.report import Report
from app.verify.shelf import put, set_up, stream

CHUNK = 2_000

_SIZE = "SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM journeys) AS journeys"
_OLD = "SELECT kind, facts, event_count FROM journeys WHERE opened_at < :kept_since"
_OLD_WAITING = "SELECT DISTINCT ON (kind, uid) kind, fact FROM waiting_events WHERE occurred_at < :kept_since"
_DROP_KNOWN = "DELETE FROM verify_facts f USING events e WHERE e.uid = f.uid"
_PUT_OLD = "INSERT INTO verify_facts SELECT kind, uid, fact FROM verify_loose ON CONFLICT DO NOTHING"


def size_of(session: Session) -> int:
    """How many steps a verification takes: events are read twice, journeys folded once."""
    row = session.execute(text(_SIZE)).one()
    return 2 * int(row.events) + int(row.journeys)


def verify(
    session: Session,
    flows: Sequence[Flow],
    retention: timedelta,
    now: datetime,
    on_progress: Callable[[int], None] = lambda _steps: None,
) -> Report:
    """Work everything out again in one snapshot; what is read and what it is compared with are of one moment."""
    set_up(session)
    report = Report((now - retention).date())
    estates = {flow.kind: Estate(flow) for flow in flows}
    _keep_old_facts(session, report)
    for chunk in _stored_facts(session):
        report.events += len(chunk)
        for estate in estates.values():
            estate.learn(_taken(estate.flow, chunk))
        _count_others(session, flows, chunk)
        on_progress(len(chunk))
    for kind, facts in _facts_of(session, "verify_facts"):
        estates[kind].learn(facts)
    _place_all(session, estates, on_progress)
    for done in fold_journeys(session, {flow.kind: flow for flow in flows}, report):
        on_progress(done)
    compare_tables(session, report)
    return report


def _place_all(session: Session, estates: dict[str, Estate], on_progress: Callable[[int], None]) -> None:
    for estate in estates.values():
        estate.settle()
    for chunk in _stored_facts(session):
        for estate in estates.values():
            estate.place(session, _taken(estate.flow, chunk))
        on_progress(len(chunk))
    for kind, facts in _facts_of(session, "verify_facts"):
        estates[kind].place(session, facts)
    for kind, facts in _facts_of(session, "verify_loose"):
        flow = estates[kind].flow
        waiting = estates[kind].place_loose(session, facts)
        count_alone(session, (fact for fact in waiting if counts_fact(flow, fact)))
    for estate in estates.values():
        estate.shelve_names(session)


def _stored_facts(session: Session) -> Iterator[list[Fact]]:
    for chunk in all_events(session, chunk=CHUNK):
        yield list(map(fact_of, chunk))


def _taken(flow: Flow, facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if takes_fact(flow, fact)]


def _count_others(session: Session, flows: Sequence[Flow], facts: Sequence[Fact]) -> None:
    """Facts that no flow counts are counted for their connector."""
    count_alone(
        session,
        (fact for fact in facts if not any(takes_fact(flow, fact) and counts_fact(flow, fact) for flow in flows)),
    )


def _keep_old_facts(session: Session, report: Report) -> None:
    """Take from journeys and the waiting room the facts whose events retention has dropped: nothing else has them."""
    kept_since = report.kept_since
    for rows in stream(session, _OLD, CHUNK, kept_since=kept_since):
        facts = {
            (kind, event_uid(fact.source, fact.id)): fact
            for kind, packed, count in rows
            for fact in unpack_facts(packed, count)
        }
        _put_old(session, report, facts)
    for rows in stream(session, _OLD_WAITING, CHUNK, kept_since=kept_since):
        decoded = ((kind, unpack_fact(packed)) for kind, packed in rows)
        _put_old(session, report, {(kind, event_uid(fact.source, fact.id)): fact for kind, fact in decoded})
    session.execute(text(_DROP_KNOWN))
    report.trusted = session.execute(text("SELECT count(*) FROM verify_facts")).scalar_one()


def _put_old(session: Session, report: Report, facts: dict[tuple[str, UUID], Fact]) -> None:
    old = [(kind, uid, pack_facts([fact])) for (kind, uid), fact in facts.items() if fact.day < report.kept_since]
    put(session, "verify_loose", old)
    session.execute(text(_PUT_OLD))
    session.execute(text("TRUNCATE verify_loose"))


def _facts_of(session: Session, name: str) -> Iterator[tuple[str, list[Fact]]]:
    """Facts of a working table, those of one kind together."""
    for rows in stream(session, f"SELECT kind, fact FROM {name} ORDER BY kind", CHUNK):
        for kind in sorted({row.kind for row in rows}):
            yield kind, [unpack_facts(row.fact, 1)[0] for row in rows if row.kind == kind]

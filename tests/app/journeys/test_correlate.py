"""What retention has dropped may be told again, in the very batch in which its keys change hands."""

from sqlalchemy.orm import Session

from app.events.fact import fact_of
from app.pipeline import work_facts
from tests.builders import NOW, an_event
from tests.oracle.export import expected_export
from tests.stories.journeys import an_estate, exported

INVOICE = ("invoice", "I-1")


def test_a_repeat_leaves_the_journey_that_it_was_in(session: Session) -> None:
    estate = an_estate()
    invoice = an_event("invoice.posted", keys=(INVOICE,))
    posted = an_event("erp.order.posted", keys=(("order", "SO-1"), INVOICE))
    work_facts(session, estate, [fact_of(invoice)], NOW)
    work_facts(session, estate, list(map(fact_of, [invoice, posted])), NOW)
    assert exported(session) == expected_export(estate.flows, [invoice, posted])

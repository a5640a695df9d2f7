"""The work-queue on a real database: its numbers, its groups, its filters, now and then."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core.money import format_money
from app.exceptions.filters import ExceptionFilter, read_filter
from app.exceptions.members import list_members
from app.exceptions.queries import list_bands, list_groups, summarise
from app.exceptions.selection import AsOf, as_of
from app.metrics.catalogue import ask
from tests.app.metrics.rows import an_exception
from tests.app.tower.world import an_outage
from tests.builders import NOW

REGIONS = ("tabs", "totals", "ageing", "list")
BEFORE = (NOW - timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%MZ")


@pytest.fixture
def now(session: Session) -> AsOf:
    an_outage(session)
    return as_of(session, NOW, "GBP")


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def cause(session: Session, now: AsOf) -> str:
    return list_groups(session, ExceptionFilter(), now)[0].cause


def test_totals_and_tab_say_what_the_catalogue_says(viewer: TestClient, session: Session, now: AsOf) -> None:
    whole = summarise(session, ExceptionFilter(), now)
    assert whole.at_risk is not None
    assert whole.at_risk.minor == ask(session, "revenue.at_risk", NOW).value
    said = words(viewer.get("/exceptions/_totals").text)
    assert said == f"39 orders in 1 group, {format_money(whole.at_risk)} at risk of £3,900"
    assert "Open 39 Resolved 0" in words(viewer.get("/exceptions/_tabs").text)
    assert ask(session, "exceptions.open", NOW).value == 39


@pytest.mark.usefixtures("now")
def test_totals_tell_returns_from_orders(viewer: TestClient, session: Session) -> None:
    an_exception(session, "R", opened=30, cause="sku")  # nothing is at stake in it
    session.flush()
    assert words(viewer.get("/exceptions/_totals").text).startswith("39 orders and 1 return in ")


def test_groups_are_as_loud_as_the_tower_says(viewer: TestClient, app: FastAPI, session: Session, now: AsOf) -> None:
    app.state.judge_groups = lambda _session, _at, groups: tuple(replace(group, level="act") for group in groups)
    for q in ("", f"cause:{cause(session, now)}", "kind:failed"):
        assert 'class="group is-act"' in viewer.get("/exceptions/_list", params={"q": q}).text
    # Of a part of a cause nobody knows what is usual.
    assert 'class="group is-act"' not in viewer.get("/exceptions/_list", params={"q": "channel:amazon-uk"}).text


def test_bands_lead_to_their_rows(viewer: TestClient, session: Session, now: AsOf) -> None:
    html = viewer.get("/exceptions/_ageing", params={"q": "channel:amazon-uk"}).text
    bands = list_bands(session, read_filter("channel:amazon-uk"), now)
    links = re.findall(r'class="ageing-band" href="([^"]+)".*?<b>([\d,]+)</b>', html, re.DOTALL)
    assert [int(count) for _, count in links] == [band.orders for band in bands]
    for (link, _), band in zip(links, bands, strict=True):
        assert read_filter(dict(parse_qsl(urlsplit(unescape(link)).query))["q"]) == read_filter(
            f"channel:amazon-uk {band.band.filter}"
        )
        assert 'aria-current="true"' in viewer.get(unescape(link)).text


def test_group_row_has_the_columns_of_the_queue(viewer: TestClient, session: Session, now: AsOf) -> None:
    (group,) = list_groups(session, ExceptionFilter(), now)
    html = viewer.get("/exceptions/_list").text
    assert f'id="cause-{group.cause}"' in html
    assert f'id="group-{group.cause}"' in html
    assert group.at_risk is not None
    for told in (group.title, group.owner, group.kind, "Amazon UK, Shopify US", format_money(group.at_risk), "£3,900"):
        assert told in words(html)
    assert "new" in words(html)
    assert 'class="spark"' in html
    assert 'aria-expanded="false"' in html


def test_group_opens_with_its_dearest_orders_and_more(viewer: TestClient, session: Session, now: AsOf) -> None:
    name = cause(session, now)
    html = viewer.get(f"/exceptions/_group/{name}").text
    assert html.lstrip().startswith("<tbody")
    assert 'aria-expanded="true"' in html
    assert html.count('<tr class="order"') == 20
    assert "19 more orders with this cause" in words(html)
    more = re.search(r'hx-get="(/exceptions/_members/[^"]+)"', html)
    assert more is not None
    rest = viewer.get(unescape(more[1])).text
    assert rest.count('<tr class="order"') == 19
    assert "more orders" not in rest
    shown = re.findall(r'href="/orders/([0-9a-f-]{36})"', html + rest)
    members = list_members(session, ExceptionFilter(), now).rows
    assert shown == [str(member.journey_id) for member in members]


def test_group_closes_again_and_works_without_scripts(viewer: TestClient, session: Session, now: AsOf) -> None:
    name = cause(session, now)
    assert '<tr class="order"' not in viewer.get(f"/exceptions/_group/{name}", params={"is_closed": "true"}).text
    page = viewer.get("/exceptions", params={"open": name}).text
    assert page.count('<tr class="order"') == 20
    assert f'href="/exceptions?open={name}"' in viewer.get("/exceptions").text


def test_group_that_is_over_is_not_found(viewer: TestClient, now: AsOf) -> None:
    assert viewer.get("/exceptions/_group/gone").status_code == 404


def test_flat_list_links_to_every_order(viewer: TestClient, session: Session, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"view": "list", "q": "channel:shopify-us"}).text
    members = list_members(session, read_filter("channel:shopify-us"), now).rows
    assert len(members) == 20
    for member in members:
        assert f'id="exception-{member.journey_id}"' in html
    assert 'hx-get="/exceptions/_list?q=channel%3Ashopify-us&amp;view=list"' in html


def test_late_within_the_hour_lists_what_the_metric_counts(viewer: TestClient, session: Session, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"q": "status:due"}).text
    assert html.count('<tr id="exception-') == ask(session, "orders.due_soon", NOW).value == 17


def test_filter_that_cannot_be_read_comes_back_with_advice(viewer: TestClient, now: AsOf) -> None:
    answer = viewer.get("/exceptions", params={"q": "chanel:walmart"})
    assert answer.status_code == 422
    assert "'chanel' is not something to filter by. Did you mean channel:amazon-uk" in words(answer.text)
    assert 'value="chanel:walmart"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert viewer.get("/exceptions", params={"view": "cards"}).status_code == 422


def test_filter_is_in_every_address(viewer: TestClient, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"q": "kind:failed", "from": "-24h"}).text
    for region in REGIONS:
        assert f'hx-get="/exceptions/_{region}?from=-24h&amp;q=kind%3Afailed"' in html
    assert 'href="/api/v1/exceptions?from=-24h&amp;q=kind%3Afailed&amp;format=csv"' in html
    assert 'name="from" value="-24h"' in html
    assert 'href="/exceptions?from=-24h&amp;q=kind%3Afailed+channel%3Aamazon-uk"' in html


def test_page_is_made_of_its_fragments(viewer: TestClient, now: AsOf) -> None:
    page = viewer.get("/exceptions").text
    for region in REGIONS:
        fragment = viewer.get(f"/exceptions/_{region}").text
        assert f'id="exceptions-{region}"' in fragment
        assert fragment.strip() in page


def test_past_is_shown_as_it_was(viewer: TestClient, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"at": BEFORE}).text
    assert "No exception is open" in html
    assert "data-stream" not in html
    assert f'hx-get="/exceptions/_list?at={BEFORE.replace(":", "%3A")}"' in html


def test_filter_without_rows_says_how_to_go_on(viewer: TestClient, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"q": "channel:walmart"}).text
    assert "Nothing fits this filter" in html
    assert "Show everything open" in html


def test_resolved_tab_of_a_quiet_window(viewer: TestClient, now: AsOf) -> None:
    html = viewer.get("/exceptions", params={"q": "status:closed"}).text
    assert "No order left trouble in the last 4 h" in html
    assert 'class="ageing"' not in html


def test_empty_estate_is_unknown(viewer: TestClient) -> None:
    html = viewer.get("/exceptions").text
    assert "Nothing is known yet" in html
    assert "region is-unknown" in html
    assert 'class="ageing"' not in html
    assert "is-ok" not in html

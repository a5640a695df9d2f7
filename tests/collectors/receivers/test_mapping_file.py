"""A mapping's document is checked when it is saved: every fault names line, field and what to write instead."""

import pytest

from app.events.event import STEPS
from collectors.mappings.queries import shipped_examples
from collectors.receivers.mapping_file import MOST_CHARACTERS, read_mapping
from tests.collectors.receivers.mappings import SHORT, WMS, problems_of

FAULTS = [
    ("mapping: wms-shipments", "mapping: WMS", "2: mapping: 'WMS' is no name: write lower-case words joined by"),
    ("  type: com.northwind.wms.shipment.*\n  source: /wms/*\n", "  {}\n", "3: match: say type, source or door, or"),
    ("  source: /wms", "  sauce: /wms", "5: match.sauce: Extra inputs are not permitted"),
    ("each: =data", "each: data", "6: each: must be an expression that gives a list: begin it with ="),
    ("each: =data.parcels", "each: =item.x", "6: each: 'item' is not known here, only data, extensions, id, source,"),
    ("  step: fulfilment.shipped\n", "", "7: event.step: Field required"),
    ("fulfilment.shipped", "fulfilment.shiped", "8: event.step: unknown step 'fulfilment.shiped': did you mean 'fulf"),
    ("fulfilment.shipped", "[order.placed]", "8: event.step: is a list: write one value, or an expression that gives"),
    ("=join('/', [", "=jion('/', [", "9: event.id: there is no function jion(); did you mean join?"),
    ("item.tracking])", "item.tracking]", "9: event.id: \"join('/', [data.confirmation, item.tracking]\" ends too ear"),
    ("=data.shipped_at", "=data.shipped-at", "11: event.time.value: 'data.shipped-at': unknown token '-' at column 13"),
    ('"%d.%m.%Y %H:%M"', "german", "12: event.time.format: 'german' is no form of times: write iso, unix, unix_ms"),
    ('"%d.%m.%Y %H:%M"', '"%d.%!"', "12: event.time.format: "),
    ("Europe/Berlin", "Berlin", "13: event.time.zone: 'Berlin' is no zone: write one such as Europe/Berlin"),
    ("=data.order_no", "=order_no", "15: event.keys.order: 'order_no' is not known here, only data, extensions, id,"),
    ("=data.order_no", "=", "15: event.keys.order: nothing stands after the equals sign: write a path such as =data."),
    ("=data.order_no", "=data order", "15: event.keys.order: 'data order': 'order' is not expected at column 6"),
    ("=data.order_no", "=dta.order", "15: event.keys.order: 'dta' is not known here, only data, extensions, id, in"),
    ("  system:", "  sistem:", "23: event.sistem: Extra inputs are not permitted"),
    ("PARTLY: ok", "PARTLY: okay", "27: event.outcome.map.PARTLY: unknown outcome 'okay': did you mean 'ok'?"),
    ("PARTLY: ok", "PARTLY: zzz", "27: event.outcome.map.PARTLY: unknown outcome 'zzz': one of dead_lettered, faile"),
    ("sku: =line.", "sku: =lines.", "31: event.lines.sku: 'lines' is not known here, only data, extensions, id, ind"),
    ("each: =item", "each: =line", "30: event.lines.each: 'line' is not known here, only data, extensions, id, index"),
    ("  attributes:", "  amount: {value: =data.x}\n  attributes:", "33: event.amount.currency: Field required"),
    ("  attributes:", "  amount: {currency: EUR}\n  attributes:", "33: event.amount: say exactly one of value and mi"),
]


def test_examples_are_mappings() -> None:
    assert {read_mapping(text, STEPS).name for text in shipped_examples().values()} == {"wms-shipments", "erp-invoices"}


@pytest.mark.parametrize(("good", "bad", "problem"), FAULTS)
def test_faults_name_line_and_field(good: str, bad: str, problem: str) -> None:
    assert good in WMS
    (found,) = problems_of(WMS.replace(good, bad, 1))
    assert found.startswith(f"mapping:{problem}")


def test_all_faults_are_listed_at_once() -> None:
    problems = problems_of(WMS.replace("=data.order_no", "=order").replace("=data.message", "=nope(@)"))
    assert [problem.split(": ")[1] for problem in problems] == ["event.keys.order", "event.error"]


def test_literals_and_expressions_cannot_be_mistaken() -> None:
    shape = read_mapping(SHORT + "  channel: data.shop\n  system: =data.shop\n", STEPS).shape
    assert (shape.texts["channel"].literal, shape.texts["channel"].expression) == ("data.shop", None)
    assert shape.texts["system"].expression


def test_step_may_carry_its_prefix() -> None:
    assert problems_of(SHORT.replace("order.placed", "retail.order.placed")) == []


@pytest.mark.parametrize("text", ["#" * (MOST_CHARACTERS + 1), SHORT + "  system: =" + "(" * 5000])
def test_what_is_out_of_proportion_is_refused(text: str) -> None:
    assert problems_of(text)


PATHS = [
    "data.list[?kind=='x'].{any: where} | [0].other",
    "not_null(subject, sort_by(data.list, &rank)[0].name)",
    "data.*.deep || data.list[1:3].deep",
    "!data.a && data.b",
    "map(&sku, data.items)",
    "[data][?status=='DONE']",
]


@pytest.mark.parametrize("path", PATHS)
def test_only_names_of_the_message_itself_are_checked(path: str) -> None:
    assert problems_of(f'{SHORT}  system: "={path}"\n') == []

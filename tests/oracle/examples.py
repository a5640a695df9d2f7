"""The examples of docs/correlation.md, row by row: the events as the table writes them, and what they come to.

`ns` stands for an ERP document, `x` and `y` for any identity, `item` for a serialised line, `batch` for a payout.
"""

from dataclasses import dataclass, field

A, B, R = "order:A", "order:B", "return:R"
NS_1, INV_7, X, Y = "netsuite.salesorder:1", "invoice:7", "fulfilment:x", "invoice:y"
ITEM_1, ITEM_2, P, Z = "fulfilment:1", "fulfilment:2", "tracking:P", "payout:Z"


@dataclass(frozen=True)
class Place:
    """One journey of an example: its keys, what is tied to it, what it claims, and the numbers of its events."""

    keys: set[str]
    events: set[int]
    tied: set[str] = field(default_factory=set)
    contended: set[str] = field(default_factory=set)


Case = tuple[list[set[str]], dict[str, dict[str, Place]], set[int]]

_ONE = {A: Place({A, NS_1, INV_7}, {0, 1, 2})}
_PARCELS = {A: Place({A, ITEM_1}, {0, 2, 3}, {P}), B: Place({B, ITEM_2}, {1, 2, 3}, {P})}

# first cell of the row → keys of the events, journeys by kind and name, numbers of the unmatched (kind: order)
EXAMPLES: dict[str, Case] = {
    "{order A, ns 1} · {ns 1, invoice 7} · {invoice 7}": ([{A, NS_1}, {NS_1, INV_7}, {INV_7}], {"order": _ONE}, set()),
    "{invoice 7} first, the others later": ([{A, NS_1}, {NS_1, INV_7}, {INV_7}], {"order": _ONE}, set()),
    "{order A, ns 1} · {order B, ns 1} · {ns 1}": (
        [{A, NS_1}, {B, NS_1}, {NS_1}],
        {"order": {A: Place({A}, {0, 2}, contended={NS_1}), B: Place({B}, {1, 2}, contended={NS_1})}},
        set(),
    ),
    "{order A, ns 1} · {ns 1, inv 7} · {inv 7}, then {order B, ns 1}": (
        [{A, NS_1}, {NS_1, INV_7}, {INV_7}, {B, NS_1}],
        {
            "order": {
                A: Place({A}, {0}, contended={NS_1}),
                B: Place({B}, {3}, contended={NS_1}),
                INV_7: Place({INV_7}, {1, 2}),
            }
        },
        set(),
    ),
    "{order A, x} · {x, y} · {y, order B}": (
        [{A, X}, {X, Y}, {Y, B}],
        {"order": {A: Place({A, X}, {0, 1}), B: Place({B, Y}, {1, 2})}},
        set(),
    ),
    "{order A, item 1} · {order B, item 2} · {item 1, item 2, parcel P} · {parcel P}": (
        [{A, ITEM_1}, {B, ITEM_2}, {ITEM_1, ITEM_2, P}, {P}],
        {"order": _PARCELS},
        set(),
    ),
    "{parcel P} before all of these": (
        [{A, ITEM_1}, {B, ITEM_2}, {ITEM_1, ITEM_2, P}, {P}],
        {"order": _PARCELS},
        set(),
    ),
    "{order A, order B, batch Z} (Z shared) · {batch Z}": (
        [{A, B, Z}, {Z}],
        {"order": {A: Place({A}, {0, 1}, {Z}), B: Place({B}, {0, 1}, {Z})}},
        set(),
    ),
    "{order A, payout Z} · {payout Z, parcel P} · {order B, parcel P}": (
        [{A, Z}, {Z, P}, {B, P}],
        {"order": {A: Place({A}, {0, 1}, {Z}), B: Place({B}, {1, 2}, {P})}},
        set(),
    ),
    "{ns 5} alone": (
        [{"netsuite.salesorder:5"}],
        {"order": {"netsuite.salesorder:5": Place({"netsuite.salesorder:5"}, {0})}},
        set(),
    ),
    "{return R, order A}": (
        [{R, A}],
        {"order": {A: Place({A}, {0})}, "return": {R: Place({R}, {0}, {A})}},
        set(),
    ),
    "{sku S}": ([{"sku:S"}], {}, {0}),
}

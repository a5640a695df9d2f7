"""Ownership by levels: the nearest anchor, contended keys that pass nothing on, and groups without an anchor."""

from app.core.ids import journey_id
from app.journeys.ownership import Label, anchor_label, inherit, leaves, settle, settle_within, widen


def labels(*pairs: tuple[str, str]) -> dict[str, tuple[str, int, int]]:
    neighbours: dict[str, set[str]] = {}
    for one, other in pairs:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    anchors = {key for key in neighbours if key.startswith("order:")}
    settled = settle("order", anchors, neighbours.keys() - anchors, neighbours)
    return {key: (label.role, label.level, len(label.owners)) for key, label in settled.items()}


def test_ownership_runs_outward_from_the_anchor() -> None:
    found = labels(("order:A", "ns:1"), ("ns:1", "inv:7"), ("inv:7", "x:1"))
    assert found == {
        "order:A": ("anchor", 0, 1),
        "ns:1": ("identity", 1, 1),
        "inv:7": ("identity", 2, 1),
        "x:1": ("identity", 3, 1),
    }


def test_a_contended_key_passes_nothing_on() -> None:
    found = labels(("order:A", "ns:1"), ("order:B", "ns:1"), ("ns:1", "inv:7"))
    assert found["ns:1"] == ("contended", 1, 2)
    assert found["inv:7"] == ("provisional", 0, 1)


def test_the_nearer_anchor_wins() -> None:
    found = labels(("order:A", "x:1"), ("x:1", "y:1"), ("y:1", "order:B"))
    assert found["x:1"] == found["y:1"] == ("identity", 1, 1)


def test_two_anchors_at_the_same_distance_contend() -> None:
    found = labels(("order:A", "x:1"), ("order:B", "y:1"), ("x:1", "z:1"), ("y:1", "z:1"))
    assert found["z:1"] == ("contended", 2, 2)


def test_keys_without_an_anchor_are_named_by_the_smallest() -> None:
    neighbours = {"ns:5": {"inv:1"}, "inv:1": {"ns:5"}, "inv:9": set()}
    settled = settle("order", (), neighbours, neighbours)
    assert settled["ns:5"].owners == settled["inv:1"].owners == (journey_id("order", "inv:1"),)
    assert settled["inv:9"].owners == (journey_id("order", "inv:9"),)


A, B, C = (anchor_label("order", f"order:{name}") for name in "ABC")
OF_A, OF_B = Label("identity", 1, A.owners), Label("identity", 1, B.owners)
BOTH = Label("contended", 1, tuple(sorted(A.owners + B.owners)))


def test_some_keys_are_settled_while_those_beyond_stay_as_they_are() -> None:
    neighbours = {"x": {"far", "y"}, "y": {"x", "hub"}}
    beyond = {"far": Label("identity", 4, A.owners), "hub": BOTH}
    settled = settle_within("order", neighbours, neighbours, beyond)
    assert settled == {"x": Label("identity", 5, A.owners), "y": Label("identity", 6, A.owners)}


def test_a_new_key_inherits_from_the_nearest_beside_it() -> None:
    assert inherit("order", "x", [A, OF_B]) == OF_A
    assert inherit("order", "x", [A, BOTH]) == OF_A
    assert inherit("order", "x", [A, B]) == BOTH
    assert inherit("order", "x", [BOTH]) == Label("provisional", 0, (journey_id("order", "x"),))
    assert inherit("order", "x", [Label("provisional", 0, (journey_id("order", "a"),))]) is None


def test_more_claimants_leave_a_contended_key_what_it_is() -> None:
    wider = widen(BOTH, [C, OF_A])
    assert wider == Label("contended", 1, tuple(sorted(BOTH.owners + C.owners)))
    assert all(wider.leads_to(one.owners[0]) for one in (A, B, C))
    assert not BOTH.leads_to(C.owners[0])
    assert widen(BOTH, [A, B]) is BOTH


def test_only_what_lies_nearer_to_an_anchor_changes_a_label() -> None:
    assert leaves(OF_A, A)
    assert not leaves(OF_A, B)
    assert leaves(OF_A, OF_B)
    assert leaves(OF_A, BOTH)
    assert not leaves(Label("identity", 3, A.owners), A)
    assert not leaves(OF_A, None)

"""Which place an attribute is read from, and old names beside new ones."""

import pytest

from app.core.errors import PayloadError
from collectors.receivers.otlp_told import ALIASES, around_of, modernise, tell

NEAR = [{"a": 1, "b": ""}], [{"a": 2, "b": [3, 4]}, {"b": 5, "c": None}]


def test_nearest_place_that_knows_a_name_has_it() -> None:
    told = tell("retail", NEAR, {"c": 6, "b": 9}, {"c": 7, "d": 8})
    assert {name: told.all(name) for name in "abcde"} == {"a": [1], "b": [3, 4, 5], "c": [6], "d": [8], "e": []}
    assert (told.first("b"), told.text("b"), told.text("e")) == (3, "3", None)
    assert told.near.keys() == {"a", "b"}
    assert told.own == NEAR[0][0]


def test_new_names_go_before_old_ones() -> None:
    assert modernise({"http.method": "GET"})["http.request.method"] == "GET"
    assert modernise({"http.method": "GET", "http.request.method": "PUT"})["http.request.method"] == "PUT"
    assert not ALIASES.keys() & ALIASES.values()


def test_service_is_the_resource_s_own_name() -> None:
    assert tell("retail", [[{"service.name": "other"}]], {}, {"service.name": " erp "}).service == "erp"
    assert tell("retail", [[{}]], {}, {}).service == "unknown_service"


def test_resource_may_be_nothing_but_not_anything() -> None:
    assert around_of(b"null") == around_of(b"{}") == {}
    with pytest.raises(PayloadError, match="attributes: expected"):
        around_of(b'{"attributes": 1}')

"""Whatever is asked of the documented API, it answers as documented: no 5xx, no status, type or shape of its own."""

import os
import time
import warnings
from contextlib import suppress
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import InvalidURL
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.auth.commands import issue_token
from app.main import create_app
from app.settings import Settings
from tests.builders import NOW
from tests.clients import make_client

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

# By hand, for as long as one likes: PHAROS_OPENAPI_SECONDS=600, which the operations share.
SECONDS = float(os.environ.get("PHAROS_OPENAPI_SECONDS", "0"))
EXAMPLES_AT_ONCE = 40
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

pytestmark = pytest.mark.timeout(SECONDS + 180)


def operations() -> dict[str, Any]:
    """Every documented operation."""
    document = create_app(Settings(), create_engine("postgresql+psycopg://")).openapi()
    schema = schemathesis.openapi.from_dict(document)
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


OPERATIONS = operations()


@pytest.mark.parametrize("label", OPERATIONS)
def test_operation_answers_as_documented(app: FastAPI, session: Session, label: str) -> None:
    token = issue_token(session, "anybody", ["ingest", "read"], NOW)
    client = make_client(app, session, raises=False)
    client.headers["authorization"] = f"Bearer {token}"
    began, number = time.monotonic(), 7
    while number == 7 or time.monotonic() - began < SECONDS / len(OPERATIONS):
        for mode in GenerationMode:
            hold(client, OPERATIONS[label], mode, number)
        number += 1 + time.time_ns() % 1_000_007


def hold(client: TestClient, operation: Any, mode: GenerationMode, number: int) -> None:
    """Try chance requests of one operation, well-formed ones or others."""

    def one(case: Any) -> None:
        if (answer := send(client, case)) is not None:
            case.validate_response(answer, checks=CHECKS)

    chosen = settings(
        max_examples=EXAMPLES_AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    # Without parameters there is nothing to get wrong.
    with suppress(Unsatisfiable):
        chosen(seed(number)(given(case=operation.as_strategy(mode))(one)))()


def send(client: TestClient, case: Any) -> Any:
    """Send a request as its case wants it; what no program could send is left out."""
    try:
        wanted = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
        headers = {name: value for name, value in wanted.headers.items() if name.lower() != "authorization"}
        return client.request(str(wanted.method), str(wanted.url), headers=headers, content=wanted.body)
    except (UnicodeError, InvalidURL, requests.RequestException):
        return None

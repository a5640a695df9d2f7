"""The API's reference: the OpenAPI document, and a page that shows it without a script or another host."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.auth.dependencies import ViewerDep, require_scope
from app.web.frame import FrameDep
from app.web.templating import page

router = APIRouter(include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete", "options")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    kind: str
    is_required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API as the page shows it."""

    id: str
    method: str
    path: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]


@router.get("/openapi.json", dependencies=[Depends(require_scope("read"))])
def document(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def index(request: Request, frame: FrameDep, user: ViewerDep) -> HTMLResponse:
    operations = list(read_operations(request.app.openapi()))
    return page(request, "admin/reference.html", frame.titled("API", area="admin"), operations=operations)


def read_operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Walk through an OpenAPI document, path by path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(path, method, item[method])


def _operation(path: str, method: str, described: Mapping[str, Any]) -> Operation:
    return Operation(
        id=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        method=method.upper(),
        path=path,
        title=described.get("summary", ""),
        text=described.get("description", ""),
        parameters=tuple(_parameter(each) for each in described.get("parameters", ())),
        answers=tuple((code, answer.get("description", "")) for code, answer in described["responses"].items()),
    )


def _parameter(described: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=described["name"],
        place=described["in"],
        kind=_kind(described.get("schema", {})),
        is_required=described.get("required", False),
        text=described.get("description", ""),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    options = [_kind(option) for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return " or ".join(options)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")

"""CloudEvents in binary mode: attributes in `ce-` headers and data as the body → one structured event (pure)."""

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

import msgspec

from app.core.errors import PayloadError

_NAME = re.compile(r"[a-z0-9]{1,60}")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def to_structured(headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Write the event as it would look in structured mode; a body that is no JSON travels as base64."""
    attributes: dict[str, object] = {}
    for name, value in headers:
        if name == "content-type":
            attributes["datacontenttype"] = value
        elif name.startswith("ce-"):
            _add(attributes, name[3:], value)
    if body:
        is_json = _is_well_formed(body)
        attributes |= {"data": msgspec.Raw(body)} if is_json else {"data_base64": b64encode(body).decode()}
    return msgspec.json.encode(attributes)


def _add(attributes: dict[str, object], name: str, value: str) -> None:
    if not _NAME.fullmatch(name) or name == "data":
        raise PayloadError(f"header ce-{name[:60]} is no CloudEvents attribute: use lower-case letters and digits")
    if name in attributes:
        raise PayloadError(f"header ce-{name} came twice: send it once")
    attributes[name] = _decoded(name, value)


def _decoded(name: str, value: str) -> str:
    """Undo a quoted string, then percent-encoding, once; the result must be UTF-8."""
    # HTTP hands header bytes over as Latin-1 text.
    raw = value.strip().encode("latin-1", "replace")
    if len(raw) > 1 and raw[:1] == raw[-1:] == b'"':
        raw = re.sub(rb"\\(.)", rb"\1", raw[1:-1])
    if _BROKEN_ESCAPE.search(raw):
        raise PayloadError(f"header ce-{name} has a broken percent-encoding: write % as %25")
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise PayloadError(f"header ce-{name} is not UTF-8 after percent-decoding") from None


def _is_well_formed(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True

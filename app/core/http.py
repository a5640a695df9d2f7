"""The outbound HTTP client: timeouts, no redirects, and a guard against private addresses."""

import ipaddress
import socket
from collections.abc import Mapping

import httpx

from app.core.errors import UnavailableError

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_ANSWER_BYTES = 500
# What a later attempt will not change: the receiver says that this message is wrong, or that it has gone.
_PERMANENT = frozenset({400, 410, 413, 415, 422})


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_private_addresses: bool,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Send once and return the status; UnavailableError says why it was not taken and whether to try again."""
    address, pinned = check_address(url), None
    if not allow_private_addresses:
        pinned = _public_place(address)
    request = httpx.Request(
        "POST",
        address.copy_with(host=pinned) if pinned else address,
        content=body,
        headers={"Host": address.netloc.decode("ascii"), **headers},
        # The certificate is checked against the name, though we connect to the very address that was looked at.
        extensions={"sni_hostname": address.host, "timeout": TIMEOUT.as_dict()},
    )
    try:
        with httpx.Client(follow_redirects=False, trust_env=False, transport=transport) as client:
            answer = client.send(request, stream=True)
            try:
                return _accepted(answer)
            finally:
                answer.close()
    except httpx.HTTPError as error:
        raise UnavailableError(f"{type(error).__name__}: {error}"[:300]) from error


def check_address(url: str) -> httpx.URL:
    """Refuse what is not plain HTTP(S)."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UnavailableError(f"not an address: {error}", permanent=True) from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise UnavailableError("not an address: write https://host/path", permanent=True)
    return address


def _public_place(address: httpx.URL) -> str:
    """Look the host up once, and refuse it when it stands inside a private network."""
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnavailableError(f"cannot find host {address.host!r}: {error}") from None
    places = [str(place[0]).partition("%")[0] for *_, place in found]
    if not all(ipaddress.ip_address(place).is_global for place in places):
        raise UnavailableError(
            f"host {address.host!r} has a private address", "Private addresses are not allowed.", permanent=True
        )
    return places[0]


def _accepted(answer: httpx.Response) -> int:
    if answer.is_success:
        return answer.status_code
    words = next(answer.iter_bytes(_ANSWER_BYTES), b"").decode("utf-8", "replace").strip()
    raise UnavailableError(
        f"the receiver answered {answer.status_code}: {words[:200]}",
        permanent=answer.status_code in _PERMANENT,
    )

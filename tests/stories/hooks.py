"""Reads what a webhook of the stories has received."""

import json
from hashlib import sha256
from hmac import compare_digest, new
from typing import Any

from tests.stories.conftest import SECRET


def verified(request: tuple[str, dict[str, str], bytes]) -> dict[str, Any]:
    """Check the signature as docs/alerts.md says, and read the body."""
    _, headers, body = request
    signed = headers["x-pharos-timestamp"].encode() + b"." + body
    expected = "sha256=" + new(SECRET.encode(), signed, sha256).hexdigest()
    assert compare_digest(headers["x-pharos-signature"], expected)
    read: dict[str, Any] = json.loads(body)
    return read

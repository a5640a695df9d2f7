"""Static files under an address that changes with their content, so that browsers may keep them for good."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).resolve().parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def version() -> str:
    """Name the content of all static files: one folder name, so that files may point at each other."""
    digest = sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return f"v-{digest.hexdigest()[:12]}"


def static_root() -> str:
    """Give the folder under which today's files are found."""
    return f"/static/{version()}"


def static_url(path: str) -> str:
    """Address one static file, such as `css/app.css`."""
    return f"{static_root()}/{path}"


class VersionedFiles(StaticFiles):
    """Serves `/static/v-…/path` and `/static/path`; only today's version may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        first, _, rest = path.partition("/")
        response = await super().get_response(rest if first.startswith("v-") else path, scope)
        response.headers["Cache-Control"] = FOREVER if first == version() else "no-cache"
        return response

"""The pages at `/` and `/docs` and their files, each with headers that let nothing in but them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...errors import NotFound

FOLDER = Path(__file__).parent / "page"
INDEX = "index.html"
DOCS = "docs.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
NAMES = frozenset(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)
# The pages hold no secrets, so whoever may reach the port may load them without a key. Nothing else is among these:
# what /docs shows it asks the API for, with a key where one is needed.
PATHS = frozenset({"/", "/docs", *(f"/playground/{name}" for name in NAMES)})
POLICY = "; ".join(
    [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Markup that comes as text is refused by the browser itself, whatever the page's code does with it.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    # Asked for again each time, so that a page never runs with the modules of another version.
    "cache-control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    type: str
    tag: str


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    files = {name: _read(FOLDER / name) for name in NAMES}

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        return _respond(request, files[INDEX])

    @routes.api_route("/docs", methods=["GET", "HEAD"])
    async def docs(request: Request) -> Response:
        return _respond(request, files[DOCS])

    @routes.api_route("/playground/{name}", methods=["GET", "HEAD"])
    async def file(request: Request, name: str) -> Response:
        if name not in files:
            raise NotFound("The playground has no such file.")
        return _respond(request, files[name])

    return routes


def _read(path: Path) -> File:
    content = path.read_bytes()
    return File(content, TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:16]}"')


def _respond(request: Request, file: File) -> Response:
    headers = HEADERS | {"etag": file.tag}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers | {"content-type": file.type})

"""The port of a tool host: its tools and nothing else, over HTTP and MCP, behind the same guard as everything."""

from functools import partial
from typing import Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import NotFound, SwarmError, WrongMethod
from ...swarm.hands import Hands
from .. import failures
from ..body import LARGE_BYTES, beside, parse_json, read_json, read_limited
from ..fields import Fields
from ..guard import Access, Guard, is_foreign
from .routes import no_pages, router
from .schema import CANCEL, CANCELLED

MCP, EXECUTE, CANCEL_PATH = "/mcp", "/v1/tools/execute", "/v1/tools/cancel"


class Host(Hands, Protocol):
    async def cancel(self, id: str) -> bool:
        """Whether there was anything to cancel."""
        ...


def create_tool_app(tools: Host, access: Access, version: str, mcp: ASGIApp) -> FastAPI:
    app = FastAPI(title="Local Swarm tool host", version=version, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_middleware(Guard, access=access)
    failures.install(app)
    app.add_exception_handler(HTTPException, _elsewhere)
    app.include_router(router(tools))
    app.router.routes.append(Route(MCP, _Ours(mcp)))

    @app.post(CANCEL_PATH, tags=["node"], responses=CANCELLED, openapi_extra=CANCEL)
    async def cancel_call(request: Request) -> Response:
        """End a call that runs. What it has done by then is done."""
        if is_foreign(request.headers):
            raise no_pages()
        id = Fields(await read_json(request)).needed("id")
        return JSONResponse({"id": id, "cancelled": await tools.cancel(id)})

    @app.get("/health", tags=["node"])
    async def health() -> Response:
        """Is it there, and which tools are?"""
        return JSONResponse({"status": "ok", "tools": [spec.name for spec in await tools.specs()]})

    return app


async def _elsewhere(request: Request, error: Exception) -> Response:
    """No route is for this. Another answer than on the port of the API, which has /docs and models."""
    assert isinstance(error, HTTPException)
    asked, there = f"{request.method} {request.url.path}", f"/v1/tools, {EXECUTE}, {CANCEL_PATH}, {MCP} and /health"
    if error.status_code != 405:
        return failures.to_response(NotFound(f"There is no {asked} here, but {there}. Models have another port."))
    response = failures.to_response(WrongMethod(f"{asked} exists for another method."))
    response.headers.update(error.headers or {})  # which there are
    return response


class _Ours:
    """Before MCP: what is true of every other route here. `--allow-origin` lets a page use models, and must never let
    one run programs; what is no good JSON gets no further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if is_foreign(request.headers):
                raise no_pages()
            again = await _checked(request, receive) if request.method == "POST" else receive
        except SwarmError as error:
            await failures.to_response(error)(scope, receive, send)
        else:
            await self._app(scope, again, send)


async def _checked(request: Request, receive: Receive) -> Receive:
    """The body once more."""
    body = await read_limited(request)
    request.state.large = len(body) > LARGE_BYTES
    await beside(request, partial(parse_json, body))
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return parts.pop() if parts else await receive()

    return again

"""Every error becomes a response here, once, by its class, in the shape of the API that was asked."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import NotFound, SwarmError, Unavailable, WrongMethod

# How an API writes an error's body.
Shape = Callable[[SwarmError], dict[str, Any]]


def to_wire(error: SwarmError) -> dict[str, Any]:
    """OpenAI's."""
    return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}}


def to_response(error: SwarmError, shape: Shape = to_wire) -> JSONResponse:
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else None
    return JSONResponse(shape(error), error.status, headers)


def install(app: FastAPI, shapes: Sequence[tuple[str, Shape]] = ()) -> None:
    """`shapes`: paths that begin so have errors of their own shape; all others OpenAI's."""

    def shape_of(request: Request) -> Shape:
        return next((shape for prefix, shape in shapes if request.url.path.startswith(prefix)), to_wire)

    async def swarm_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, SwarmError)
        return to_response(error, shape_of(request))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return to_response(_of_router(request, error), shape_of(request))

    async def anything(request: Request, _: Exception) -> Response:
        return to_response(SwarmError("Something went wrong inside this node; its log says what."), shape_of(request))

    app.add_exception_handler(SwarmError, swarm_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, anything)


def _of_router(request: Request, error: HTTPException) -> SwarmError:
    """The router itself refuses nothing but a path or a method that it does not know."""
    route = f"{request.method} {request.url.path}"
    if error.status_code == 405:
        return WrongMethod(f"{route} exists for another method. GET /docs lists what there is.")
    return NotFound(f"There is no {route} here. GET /docs lists what there is.")

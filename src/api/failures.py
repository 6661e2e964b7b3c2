"""Every error becomes a response here, once, by its class, in the shape of the API that was asked."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import NotFound, SwarmError, Unavailable, WrongMethod

# How an API writes an error's body.
Shape = Callable[[SwarmError], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """Paths that begin so have errors of this shape, where a header is named only for clients that send it."""

    prefix: str
    shape: Shape
    header: str = ""


# The first that fits counts, and all others have OpenAI's.
Shapes = Sequence[Form]


def to_wire(error: SwarmError) -> dict[str, Any]:
    """OpenAI's."""
    return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}}


def shape_of(path: str, shapes: Shapes, headers: Container[str] = ()) -> Shape:
    fitting = (one.shape for one in shapes if path.startswith(one.prefix) and (not one.header or one.header in headers))
    return next(fitting, to_wire)


def to_response(error: SwarmError, shape: Shape = to_wire) -> JSONResponse:
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else None
    return JSONResponse(shape(error), error.status, headers)


def unforeseen() -> SwarmError:
    """What a client is told of a fault of ours that no error class stands for."""
    return SwarmError("Something went wrong inside this node; its log says what.")


def install(app: FastAPI, shapes: Shapes = ()) -> None:
    def asked_in(request: Request) -> Shape:
        return shape_of(request.url.path, shapes, request.headers)

    async def swarm_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, SwarmError)
        return to_response(error, asked_in(request))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = to_response(_of_router(request, error), asked_in(request))
        response.headers.update(error.headers or {})  # which methods there are
        return response

    async def anything(request: Request, _: Exception) -> Response:
        return to_response(unforeseen(), asked_in(request))

    app.add_exception_handler(SwarmError, swarm_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, anything)


def _of_router(request: Request, error: HTTPException) -> SwarmError:
    """The router itself refuses nothing but a path or a method that it does not know."""
    route = f"{request.method} {request.url.path}"
    if error.status_code == 405:
        return WrongMethod(f"{route} exists for another method. GET /docs lists what there is.")
    return NotFound(f"There is no {route} here. GET /docs lists what there is.")

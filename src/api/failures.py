"""Every error becomes OpenAI's shape here, once, by its class."""

from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from ..errors import NotFound, SwarmError, Unavailable, WrongMethod


def to_wire(error: SwarmError) -> dict[str, Any]:
    return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}}


def to_response(error: SwarmError) -> JSONResponse:
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else None
    return JSONResponse(to_wire(error), error.status, headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(SwarmError, _swarm_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _anything)


async def _swarm_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SwarmError)
    return to_response(error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """What the router itself refuses."""
    assert isinstance(error, HTTPException)
    route = f"{request.method} {request.url.path}"
    if error.status_code == 404:
        return to_response(NotFound(f"There is no {route} here. GET /docs lists what there is."))
    if error.status_code == 405:
        return to_response(WrongMethod(f"{route} exists for another method. GET /docs lists what there is."))
    return JSONResponse({"error": {"message": str(error.detail), "type": "invalid_request_error"}}, error.status_code)


async def _anything(_: Request, __: Exception) -> JSONResponse:
    return to_response(SwarmError("Something went wrong inside this node; its log says what."))

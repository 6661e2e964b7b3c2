"""The routes of the tool host: which tools there are, and one call of one of them."""

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...errors import Forbidden, NotFound
from ...swarm.hands import Hands
from ..body import beside, read_json
from ..fields import Fields
from ..guard import is_foreign
from . import schema, wire


def router(tools: Hands | None) -> APIRouter:
    """`tools`: None where this node is no tool host."""
    routes = APIRouter(prefix="/v1/tools", tags=["node"])

    @routes.get("", responses=schema.LIST)
    async def list_tools(request: Request) -> Response:
        """The tools of this node, for programs and models that are to use them."""
        return JSONResponse(wire.listed(await _usable(request, tools).specs()))

    @routes.post("/execute", responses=schema.RESULT, openapi_extra=schema.CALL)
    async def execute_tool(request: Request) -> Response:
        """Do one call of one tool, once, as far as the user of this node allows it."""
        usable = _usable(request, tools)
        body = await read_json(request)
        call = await beside(request, partial(wire.from_wire, Fields(body)))
        result = await usable.execute(call, request.client.host if request.client else "")
        return JSONResponse(wire.to_wire(result))

    return routes


def no_pages() -> Forbidden:
    return Forbidden("Web pages of other sites may not use the tools of a node, whatever --allow-origin says.")


def _usable(request: Request, tools: Hands | None) -> Hands:
    # `--allow-origin` lets a page use models. It must never let one run programs.
    if is_foreign(request.headers):
        raise no_pages()
    if tools is None:
        raise NotFound(
            "This node is no tool host. To make it one, start it with: python main.py --tool-server --root FOLDER"
        )
    return tools

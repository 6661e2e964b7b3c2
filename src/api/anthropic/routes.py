"""Anthropic's routes."""

import uuid
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...swarm.answer import Swarm
from .. import sight
from ..body import read_json
from ..reply import StreamReply, WholeReply
from . import errors, schema
from .answer import WholeMessage
from .request import Call, from_wire
from .stream import MessageStream

# What every request of one claude-code carries.
SESSION = "x-claude-code-session-id"


def router(swarm: Swarm) -> APIRouter:
    routes = APIRouter(prefix="/v1/messages", tags=["anthropic"])

    async def read(request: Request) -> Call:
        body = await read_json(request)
        models = swarm.models()
        session = request.headers.get(SESSION, "")
        call = from_wire(body, f"msg_{uuid.uuid4().hex}", session, [one.id for one in models])
        sight.check(call.request, models)
        return call

    @routes.post("", openapi_extra=schema.MESSAGES, responses=schema.ANSWERS)
    async def messages(request: Request) -> Response:
        """Answer a conversation, streamed or whole."""
        call = await read(request)
        work = partial(swarm.answer, call.request)
        if call.stream:
            return StreamReply(work, MessageStream(call))
        whole = WholeMessage(call)
        return WholeReply(work, whole.to_wire, errors.to_wire, whole.hear)

    @routes.post("/count_tokens", openapi_extra=schema.COUNT, responses=schema.COUNTED)
    async def count_tokens(request: Request) -> Response:
        """How many tokens the prompt of such a request would have, in those of the model that serves it."""
        call = await read(request)
        return JSONResponse({"input_tokens": await swarm.count(call.request)})

    return routes

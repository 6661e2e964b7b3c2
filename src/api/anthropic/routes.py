"""Anthropic's routes."""

import uuid
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...swarm.answer import Swarm
from .. import policy, sight
from ..body import beside, read_json
from ..chosen.report import request_header
from ..chosen.store import Store
from ..chosen.told import Told
from ..reply import StreamReply, WholeReply
from . import errors, schema
from .answer import whole_to_wire
from .request import Call, from_wire
from .stream import MessageStream

# What every request of one claude-code carries.
SESSION = "x-claude-code-session-id"


def router(swarm: Swarm, verdicts: Store) -> APIRouter:
    routes = APIRouter(prefix="/v1/messages", tags=["anthropic"])

    async def read(request: Request) -> Call:
        body = policy.with_headers(await read_json(request), request.headers)
        models = swarm.models()
        session, names = request.headers.get(SESSION, ""), [one.id for one in models]
        call = await beside(request, partial(from_wire, body, f"msg_{uuid.uuid4().hex}", session, names))
        sight.check(call.request, models)
        return call

    @routes.post("", openapi_extra=schema.MESSAGES, responses=schema.ANSWERS)
    async def messages(request: Request) -> Response:
        """Answer a conversation, streamed or whole."""
        call = await read(request)
        work = verdicts.noting(call.request, partial(swarm.answer, call.request))
        if call.stream:
            return StreamReply(work, MessageStream(call), own=request_header(call.request.id))
        told = Told(call.request.id, call.warnings)
        return WholeReply(
            work, lambda found: whole_to_wire(call, told.wire, found[0]), errors.to_wire, told.hear, told.headers
        )

    @routes.post("/count_tokens", openapi_extra=schema.COUNT, responses=schema.COUNTED)
    async def count_tokens(request: Request) -> Response:
        """How many tokens the prompt of such a request would have, in those of the model that serves it."""
        call = await read(request)
        return JSONResponse({"input_tokens": await swarm.count(call.request)})

    return routes

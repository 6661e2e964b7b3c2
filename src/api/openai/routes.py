"""OpenAI's routes."""

import uuid
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...errors import ModelNotFound
from ...swarm.answer import Swarm
from ...swarm.member import Served
from ..body import read_json
from ..reply import StreamReply, WholeReply
from . import chat


def router(swarm: Swarm) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["openai"])

    @routes.post("/chat/completions")
    async def chat_completions(request: Request) -> Response:
        """Answer a conversation, streamed or whole."""
        call = chat.from_wire(await read_json(request), f"chatcmpl-{uuid.uuid4().hex}")
        work = partial(swarm.answer, call.request)
        if call.stream:
            return StreamReply(work, chat.ChatStream(call))
        return WholeReply(work, partial(chat.whole_to_wire, call.request))

    @routes.get("/models")
    async def models() -> Response:
        """What is served here, with the context length that is really there."""
        return JSONResponse({"object": "list", "data": [_model_to_wire(served) for served in swarm.models()]})

    @routes.get("/models/{name:path}")
    async def model(name: str) -> Response:
        """One of them."""
        for served in swarm.models():
            if served.id.lower() == name.lower():
                return JSONResponse(_model_to_wire(served))
        raise ModelNotFound(f"The model '{name}' is not served here.", "model")

    return routes


def _model_to_wire(served: Served) -> dict[str, Any]:
    return {
        "id": served.id,
        "object": "model",
        "created": served.created,
        "owned_by": "local-swarm",
        # The names under which different clients look for the same number.
        "context_length": served.context,
        "context_window": served.context,
        "max_model_len": served.context,
        "meta": {"n_ctx": served.context, "n_ctx_train": served.trained_context},
        "seats": served.seats,
        "notes": list(served.notes),
    }

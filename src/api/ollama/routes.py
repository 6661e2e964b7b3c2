"""Ollama's routes."""

import time
import uuid
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...chat import Candidate, Embedding, Emit
from ...errors import NotSupported
from ...swarm.answer import Swarm
from .. import overflow, policy, sight
from ..body import beside, read_json
from ..chosen.report import request_header
from ..chosen.store import Store
from ..chosen.told import Told
from ..fields import Fields
from ..reply import StreamReply, WholeReply
from . import cutting, embed, errors, models, schema
from .answer import Lines, Place, Watch, in_message, in_response, loaded_to_wire, whole_to_wire
from .request import Call, chat_from_wire, generate_from_wire, name_of

# Clients ask for a version before they use what it brought: thinking, tools in streams, log-probabilities.
VERSION = "0.13.0"
# What would change which models there are.
FIXED = [("POST", name) for name in ("pull", "push", "create", "copy")] + [("DELETE", "delete")]


def router(swarm: Swarm, verdicts: Store) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["ollama"])
    _answer(routes, swarm, verdicts)
    _embed(routes, swarm)
    _describe(routes, swarm)
    for method, name in FIXED:
        routes.add_api_route(
            f"/{name}", _fixed, methods=[method], status_code=400, summary=name.capitalize(), responses=schema.FIXED
        )
    return routes


def _answer(routes: APIRouter, swarm: Swarm, verdicts: Store) -> None:
    def reply(call: Call, place: Place, field: str) -> Response:
        served = swarm.models()
        if call.loads:
            swarm.find(call.name)
            return JSONResponse(loaded_to_wire(call, place))
        sight.check(call.request, served)
        noted = verdicts.noting(call.request, partial(swarm.answer, call.request))

        async def work(emit: Emit) -> list[Candidate]:
            return await overflow.of(field, noted(emit))

        told = Told(call.request.id)
        watch = Watch(told)
        if call.stream:
            return StreamReply(work, Lines(call, place, watch), own=request_header(call.request.id))
        to_wire = partial(whole_to_wire, call, place, watch)
        return WholeReply(work, to_wire, errors.to_wire, watch.hear, told.headers)

    async def read(request: Request) -> dict[str, Any]:
        return policy.with_headers(await read_json(request), request.headers)

    @routes.post("/chat", openapi_extra=schema.CHAT, responses=schema.ANSWER)
    async def chat(request: Request) -> Response:
        """Answer a conversation, in lines of JSON or whole. Without messages: is the model there?"""
        call = await beside(request, partial(chat_from_wire, await read(request), _new_id()))
        return reply(call, in_message, "messages")

    @routes.post("/generate", openapi_extra=schema.GENERATE, responses=schema.ANSWER)
    async def generate(request: Request) -> Response:
        """Answer one prompt, or with `raw` write on behind it."""
        call = await beside(request, partial(generate_from_wire, await read(request), _new_id()))
        return reply(call, in_response, "prompt")


def _embed(routes: APIRouter, swarm: Swarm) -> None:
    async def vectors(call: embed.Call) -> list[Embedding]:
        swarm.find(call.name)
        if not call.texts:
            return []
        if call.truncate:
            return await cutting.embed(swarm, call.model, call.texts)
        return await overflow.of("input", swarm.embed(call.model, call.texts))

    @routes.post("/embed", openapi_extra=schema.EMBED, responses=schema.EMBEDDED)
    async def embed_texts(request: Request) -> Response:
        """Texts as vectors."""
        begun = time.monotonic_ns()
        call = await beside(request, partial(embed.from_wire, await read_json(request)))
        return WholeReply(
            lambda _: vectors(call),
            lambda found: embed.to_wire(call, found, time.monotonic_ns() - begun),
            errors.to_wire,
        )

    @routes.post("/embeddings", openapi_extra=schema.EMBEDDINGS, responses=schema.EMBEDDED_OLD)
    async def embed_prompt(request: Request) -> Response:
        """One text as a vector; the older form of /api/embed."""
        call = embed.older_from_wire(await read_json(request))
        return WholeReply(lambda _: vectors(call), embed.older_to_wire, errors.to_wire)


def _describe(routes: APIRouter, swarm: Swarm) -> None:
    @routes.get("/tags", responses=schema.LISTED)
    async def tags() -> Response:
        """What is served here."""
        return JSONResponse(models.tags_to_wire(swarm.models()))

    @routes.get("/ps", responses=schema.LISTED)
    async def running() -> Response:
        """The same: whatever is served is loaded."""
        return JSONResponse(models.running_to_wire(swarm.models()))

    @routes.post("/show", openapi_extra=schema.SHOW, responses=schema.SHOWN)
    async def show(request: Request) -> Response:
        """One model: the context that is really there, what it can do, its template."""
        name = name_of(Fields(await read_json(request)))
        return JSONResponse(models.shown_to_wire(swarm.find(name)))

    @routes.get("/version", responses=schema.VERSION)
    async def version() -> Response:
        """The version of Ollama whose API is spoken here."""
        return JSONResponse({"version": VERSION})


async def _fixed() -> Response:
    """Refused: which models there are is decided where the node is started."""
    raise NotSupported("Models are chosen when a node starts, with --model; they cannot be changed through this API.")


def _new_id() -> str:
    return f"ollama-{uuid.uuid4().hex}"

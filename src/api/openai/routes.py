"""OpenAI's routes."""

import uuid
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...chat import Candidate, Embedding, Emit
from ...swarm.answer import Swarm
from .. import overflow, policy, sight
from ..anthropic import models as anthropic_models
from ..body import beside, read_json
from ..chosen import store as chosen
from ..chosen.report import request_header
from ..chosen.told import Told
from ..reply import StreamReply, WholeReply
from . import chat, completions, embeddings, models, session, together
from .chat_stream import ChatStream
from .completion_stream import CompletionStream
from .completions import Prompt
from .responses import routes as responses
from .responses.store import Store
from .schemas import chat as chat_schemas
from .schemas import completions as completion_schemas
from .schemas import described
from .schemas import models as model_schemas

# The header that Anthropic's clients send with every request.
ANTHROPIC = "anthropic-version"


def router(swarm: Swarm, verdicts: chosen.Store) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["openai"])
    _add_chat(routes, swarm, verdicts)
    _add_completions(routes, swarm, verdicts)
    responses.add(routes, swarm, Store(), verdicts)
    _add_embeddings(routes, swarm)
    _add_models(routes, swarm)
    return routes


def _add_chat(routes: APIRouter, swarm: Swarm, verdicts: chosen.Store) -> None:
    @routes.post("/chat/completions", **described.streamed(chat_schemas.REQUEST, chat_schemas.RESPONSE))
    async def chat_completions(request: Request) -> Response:
        """Answer a conversation, streamed or whole."""
        body = policy.with_headers(await read_json(request), request.headers)
        wire_id = f"chatcmpl-{uuid.uuid4().hex}"
        call = await beside(request, partial(chat.from_wire, body, wire_id, _affinity(request)))
        sight.check(call.request, swarm.models())
        work = verdicts.noting(call.request, partial(swarm.answer, call.request), call.keep)
        if call.stream:
            return StreamReply(work, ChatStream(call), own=request_header(call.request.id))
        told = Told(call.request.id, call.warnings)
        return WholeReply(
            work, lambda found: chat.whole_to_wire(call, told.wire, found), hear=told.hear, own=told.headers
        )


def _add_completions(routes: APIRouter, swarm: Swarm, verdicts: chosen.Store) -> None:
    @routes.post("/completions", **described.streamed(completion_schemas.REQUEST, completion_schemas.RESPONSE))
    async def text_completions(request: Request) -> Response:
        """Write on behind one or more texts, without a template, streamed or whole."""
        body = policy.with_headers(await read_json(request), request.headers)
        wire_id = f"cmpl-{uuid.uuid4().hex}"
        call = await beside(request, partial(completions.from_wire, body, wire_id, _affinity(request)))
        echoes = await _texts(swarm, call.model, call.prompts) if call.echo else ("",) * len(call.prompts)
        works = [verdicts.noting(one, partial(swarm.answer, one)) for one in call.requests]

        async def answer(emit: Emit) -> list[Candidate]:
            return await overflow.of("prompt", together.run(works, call.each, emit))

        if call.stream:
            return StreamReply(answer, CompletionStream(call, echoes), own=request_header(call.id))
        told = Told(call.id)
        to_wire = partial(completions.whole_to_wire, call, echoes)
        return WholeReply(answer, lambda found: to_wire(told.wire, found), hear=told.hear, own=told.headers)


def _add_embeddings(routes: APIRouter, swarm: Swarm) -> None:
    @routes.post(
        "/embeddings",
        **described.whole(completion_schemas.EMBEDDINGS_REQUEST, completion_schemas.EMBEDDINGS_RESPONSE),
    )
    async def embed(request: Request) -> Response:
        """Texts as vectors."""
        call = await beside(request, partial(embeddings.from_wire, await read_json(request)))
        texts = await _texts(swarm, call.model, call.inputs)
        return WholeReply(lambda _: _vectors(swarm, call, texts), partial(embeddings.to_wire, call))


def _add_models(routes: APIRouter, swarm: Swarm) -> None:
    @routes.get("/models", **described.found(model_schemas.MODELS))
    async def list_models(request: Request) -> Response:
        """What is served here, with the context length that is really there; to Anthropic's clients in their form."""
        if ANTHROPIC in request.headers:
            return JSONResponse(anthropic_models.models_to_wire(swarm.models()))
        listed = [models.to_wire(served) for served in swarm.models()]
        return JSONResponse({"object": "list", "data": listed})

    @routes.get("/models/{name:path}", **described.found(model_schemas.MODEL))
    async def model(name: str, request: Request) -> Response:
        """One of them."""
        to_wire = anthropic_models.model_to_wire if ANTHROPIC in request.headers else models.to_wire
        return JSONResponse(to_wire(swarm.find(name)))


def _affinity(request: Request) -> str:
    return request.headers.get(session.HEADER, "")


async def _vectors(swarm: Swarm, call: embeddings.Call, texts: tuple[str, ...]) -> list[Embedding]:
    return await overflow.of("input", swarm.embed(call.model, texts, call.local_only))


async def _texts(swarm: Swarm, model: str, prompts: tuple[Prompt, ...]) -> tuple[str, ...]:
    return tuple([one if isinstance(one, str) else await swarm.detokenize(model, one) for one in prompts])

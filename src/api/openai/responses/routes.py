"""The routes of responses."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ....chat import Accepted, Candidate, Emit, Finished, Message, Usage
from ....errors import NotFound
from ....swarm.answer import SWARM, Swarm
from ... import overflow, policy, sight
from ...body import beside, read_json
from ...chosen import store as chosen
from ...chosen.report import request_header
from ...chosen.told import Told
from ...reply import StreamReply, WholeReply, Work
from .. import session
from ..schemas import described
from ..schemas import responses as schemas
from . import call, output, pages
from .call import Call, Item
from .store import Store
from .stream import ResponseStream

NOTHING = Usage(0, 0)


def add(routes: APIRouter, swarm: Swarm, store: Store, verdicts: chosen.Store) -> None:
    @routes.post("/responses", **described.streamed(schemas.REQUEST, schemas.RESPONSE))
    async def create(request: Request) -> Response:
        """Answer a conversation of items, streamed or whole. With `store` the answer is kept for a while."""
        body = policy.with_headers(await read_json(request), request.headers)
        history, affinity = _history(store, body), request.headers.get(session.HEADER, "")
        wire_id = f"resp_{uuid.uuid4().hex}"
        wanted = await beside(request, partial(call.from_wire, body, wire_id, history, affinity, store.item))
        sight.check(wanted.request, swarm.models())
        work = verdicts.noting(wanted.request, partial(swarm.answer, wanted.request), wanted.keep)
        return _reply(wanted, work, partial(store.keep, wanted, history))

    @routes.post("/responses/compact", include_in_schema=False)
    async def compact() -> Response:
        # Otherwise it would be taken for the id of a response.
        raise NotFound("There is no POST /v1/responses/compact here: conversations are not compacted by this server.")

    @routes.post("/responses/input_tokens", **described.whole(schemas.REQUEST, schemas.INPUT_TOKENS))
    async def input_tokens(request: Request) -> Response:
        """How many tokens the prompt of such a request has."""
        body = await read_json(request)
        history = _history(store, body)
        wanted = await beside(request, partial(call.from_wire, body, "resp_count", history, recall=store.item))
        tokens = await swarm.count(wanted.request)
        return JSONResponse({"object": "response.input_tokens", "input_tokens": tokens})

    @routes.get("/responses/{response_id}", **described.found(schemas.RESPONSE))
    async def retrieve(response_id: str) -> Response:
        """A response that was kept."""
        return JSONResponse(store.find(response_id).response)

    @routes.delete("/responses/{response_id}", **described.found(schemas.DELETED))
    async def delete(response_id: str) -> Response:
        """Forget a response."""
        store.delete(response_id)
        return JSONResponse({"id": response_id, "object": "response", "deleted": True})

    @routes.get("/responses/{response_id}/input_items", **described.found(schemas.ITEMS, *schemas.PAGING))
    async def input_items(request: Request, response_id: str) -> Response:
        """What a kept response was the answer to."""
        return JSONResponse(pages.page(store.find(response_id).items, request.query_params))


def _history(store: Store, body: dict[str, Any]) -> Sequence[Item]:
    previous = call.previous_of(body)
    return store.find(previous, "previous_response_id").history if previous else ()


def _reply(wanted: Call, work: Work, keep: Callable[[dict[str, Any]], None]) -> Response:
    async def answer(emit: Emit) -> list[Candidate]:
        return await overflow.of("input", work(emit))

    answering: Work = _say_nothing if wanted.empty else answer
    if wanted.stream:
        return StreamReply(answering, ResponseStream(wanted, keep), own=request_header(wanted.request.id))
    told = Told(wanted.request.id, wanted.warnings)

    def to_wire(candidates: list[Candidate]) -> dict[str, Any]:
        whole = output.whole_to_wire(wanted, told.wire, candidates[0])
        keep(whole)
        return whole

    return WholeReply(answering, to_wire, hear=told.hear, own=told.headers)


async def _say_nothing(emit: Emit) -> list[Candidate]:
    await emit(Accepted(0))
    await emit(Finished("stop", NOTHING))
    return [Candidate(SWARM, Message("assistant", ()), "stop", NOTHING)]

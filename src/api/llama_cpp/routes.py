"""llama.cpp's routes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ...swarm.answer import Swarm
from ..body import beside, read_json
from . import props, schema, tokens


def router(swarm: Swarm, version: str) -> APIRouter:
    routes = APIRouter(tags=["llama.cpp"])

    @routes.get("/props", responses=schema.PROPS)
    async def properties() -> Response:
        """The context that is really there, the seats, the chat template."""
        return JSONResponse(props.props_to_wire(swarm.models()[0], f"local-swarm {version}"))

    @routes.get("/slots", responses=schema.SLOTS)
    async def slots() -> Response:
        """How many seats there are, and how many are taken."""
        return JSONResponse(props.slots_to_wire(swarm.models()[0], swarm.busy()))

    @routes.post("/tokenize", openapi_extra=schema.TOKENIZE, responses=schema.TOKENS)
    async def tokenize(request: Request) -> Response:
        """The tokens of a text, as the served model counts them."""
        call = tokens.tokenize_from_wire(await read_json(request))
        found = await swarm.tokenize(call.model, call.text, call.special, call.framed)
        return JSONResponse({"tokens": await _pieces(call.model, found) if call.pieces else found})

    @routes.post("/detokenize", openapi_extra=schema.DETOKENIZE, responses=schema.CONTENT)
    async def detokenize(request: Request) -> Response:
        """The text of tokens."""
        call = await beside(request, partial(tokens.detokenize_from_wire, await read_json(request)))
        return JSONResponse({"content": await swarm.detokenize(call.model, call.tokens)})

    async def _pieces(model: str, found: Sequence[int]) -> list[dict[str, Any]]:
        """Each token is asked for once, however often it occurs."""
        texts = {token: await swarm.detokenize(model, [token]) for token in set(found)}
        return [{"id": token, "piece": texts[token]} for token in found]

    return routes

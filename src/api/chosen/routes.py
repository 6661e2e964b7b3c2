"""The routes that tell how answers were chosen."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from . import schema
from .report import brief, whole
from .store import Kept, Store


def router(store: Store) -> APIRouter:
    routes = APIRouter(prefix="/v1/swarm", tags=["swarm"])

    @routes.get("/requests", responses=schema.LISTED)
    async def latest() -> Response:
        """How the last answers were chosen, in short; the newest first."""
        data = [_head(kept) | brief(kept.verdict) for kept in store.latest()]
        return JSONResponse({"object": "list", "data": data})

    @routes.get("/requests/{request_id}", responses=schema.FOUND)
    async def request(request_id: str) -> Response:
        """How one answer was chosen, with what each that was asked had said. The id is that of the answer."""
        kept = store.find(request_id)
        return JSONResponse(_head(kept) | whole(kept.id, kept.verdict, kept.steps))

    return routes


def _head(kept: Kept) -> dict[str, Any]:
    return {"id": kept.id, "object": "swarm.request", "created": kept.created, "model": kept.model}

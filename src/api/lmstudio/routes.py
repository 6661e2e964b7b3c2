"""LM Studio's routes."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from ...swarm.answer import Swarm
from . import models, schema


def router(swarm: Swarm) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["lmstudio"])

    @routes.get("/v1/models", responses=schema.NATIVE)
    async def native() -> Response:
        """What is served here, with limits and abilities."""
        return JSONResponse({"models": [models.native_to_wire(served) for served in swarm.models()]})

    @routes.get("/v0/models", responses=schema.OLDER)
    async def older() -> Response:
        """The same in the older form."""
        return JSONResponse({"object": "list", "data": [models.older_to_wire(served) for served in swarm.models()]})

    @routes.get("/v0/models/{name:path}", responses=schema.OLDER_ONE)
    async def older_one(name: str) -> Response:
        """One of them."""
        return JSONResponse(models.older_to_wire(swarm.find(name)))

    return routes

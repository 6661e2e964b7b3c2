"""The route that tells of the swarm's nodes."""

import time

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from ...errors import Unavailable
from ...swarm.answer import Swarm
from ...swarm.neighbours import Look, Neighbour, Neighbourhood
from ...swarm.routing import is_whole
from . import health, schema


def router(swarm: Swarm, version: str, look: Look | None) -> APIRouter:
    """`look`: None where this node works alone."""
    routes = APIRouter(prefix="/v1/federation", tags=["node"])

    @routes.get("/health", responses=schema.HEALTH)
    async def federation_health() -> Response:
        """Which machines are there, what each serves, and what is wrong with those that should be."""
        found = look() if look else alone(swarm, version)
        return JSONResponse(health.to_wire(found, time.time()))

    return routes


def alone(swarm: Swarm, version: str) -> Neighbourhood:
    """As a node sees itself that looks for no others."""
    try:
        models = tuple(served for served in swarm.models() if not is_whole(served.id))
        trouble = ""
    except Unavailable as error:
        models, trouble = (), error.message
    return Neighbourhood(Neighbour(swarm.node, "", "alive", models, swarm.busy(), version=version, trouble=trouble))

"""The FastAPI application: every route, behind one guard, with one shape of error."""

from dataclasses import asdict

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from ..errors import Unavailable
from ..swarm.answer import Swarm
from . import failures
from .guard import Access, Guard
from .openai.routes import router as openai_router


def create_app(swarm: Swarm, access: Access, version: str) -> FastAPI:
    app = FastAPI(title="Local Swarm", version=version, redoc_url=None)
    app.add_middleware(Guard, access=access)
    failures.install(app)
    app.include_router(openai_router(swarm))

    @app.get("/health", tags=["node"])
    async def health() -> Response:
        """Can this node answer now, and how busy is it?"""
        load = asdict(swarm.busy())
        try:
            models = [served.id for served in swarm.models()]
        except Unavailable as error:
            body = {"status": error.code, "message": error.message, "load": load}
            return JSONResponse(body, 503, {"Retry-After": str(error.retry_after)})
        return JSONResponse({"status": "ok", "models": models, "load": load})

    return app

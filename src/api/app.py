"""The FastAPI application: every route, behind one guard; each API has its own shape of error."""

from dataclasses import asdict

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from ..errors import Unavailable
from ..swarm.answer import Swarm
from ..swarm.hands import Hands
from ..swarm.neighbours import Look
from . import failures
from .anthropic import errors as anthropic_errors
from .anthropic.routes import router as anthropic_router
from .chosen.routes import router as chosen_router
from .chosen.store import Store
from .failures import Form
from .federation.routes import router as federation_router
from .guard import Access, Guard
from .head import Head
from .llama_cpp.routes import router as llama_cpp_router
from .lmstudio.routes import router as lmstudio_router
from .node_name import NodeName
from .ollama import errors as ollama_errors
from .ollama.routes import router as ollama_router
from .openai.routes import ANTHROPIC
from .openai.routes import router as openai_router
from .openapi import OPENAI_ERROR, TEXT, answers, several, thing
from .playground.routes import PATHS as OPEN_PATHS
from .playground.routes import router as playground_router
from .tools.routes import router as tools_router

SHAPES: failures.Shapes = (
    Form("/v1/messages", anthropic_errors.to_wire),
    Form("/v1/models", anthropic_errors.to_wire, ANTHROPIC),
    Form("/api/v0/", failures.to_wire),
    Form("/api/v1/", failures.to_wire),
    Form("/api/", ollama_errors.to_wire),
)
LOAD = thing(status=TEXT, message=TEXT, models=several(TEXT), load={"type": "object"})
HEALTH = answers("This node can answer.", OPENAI_ERROR, LOAD) | {
    "503": {"description": "It cannot now; the message says why.", "content": {"application/json": {"schema": LOAD}}}
}


def create_app(
    swarm: Swarm, access: Access, version: str, look: Look | None = None, tools: Hands | None = None
) -> FastAPI:
    """`look`: at the other nodes of the swarm; None where this one works alone. `tools`: None where it has none."""
    app = FastAPI(title="Local Swarm", version=version, docs_url=None, redoc_url=None)
    app.add_middleware(Head)
    app.add_middleware(Guard, access=access, shapes=SHAPES, open_paths=OPEN_PATHS)
    app.add_middleware(NodeName, name=swarm.node)
    failures.install(app, SHAPES)
    verdicts = Store()
    app.include_router(playground_router())
    app.include_router(openai_router(swarm, verdicts))
    app.include_router(chosen_router(verdicts))
    app.include_router(anthropic_router(swarm, verdicts))
    app.include_router(lmstudio_router(swarm))
    app.include_router(ollama_router(swarm, verdicts))
    app.include_router(llama_cpp_router(swarm, version))
    app.include_router(federation_router(swarm, version, look))
    app.include_router(tools_router(tools))

    @app.get("/health", tags=["node"], responses=HEALTH)
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

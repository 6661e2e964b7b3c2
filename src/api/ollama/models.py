"""Models as Ollama lists and describes them. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ...swarm.answer import TAG
from ...swarm.member import Details, Served
from ..parameter_count import in_words

# Models are never unloaded.
NEVER = "9999-12-31T23:59:59Z"


def tags_to_wire(models: Sequence[Served]) -> dict[str, Any]:
    return {"models": [_listed(served) | {"modified_at": _time(served)} for served in models]}


def running_to_wire(models: Sequence[Served]) -> dict[str, Any]:
    rest = {"expires_at": NEVER}
    return {"models": [_listed(served) | rest | {"context_length": served.context} for served in models]}


def shown_to_wire(served: Served) -> dict[str, Any]:
    """The context length is the one that is served, under the name where clients look for the model's own."""
    architecture = served.details.family or "unknown"
    return {
        "license": "",
        "modelfile": f"FROM {served.id}\nPARAMETER num_ctx {served.context}\n",
        "parameters": f"num_ctx {served.context}",
        "template": served.details.template,
        "details": _details(served.details),
        "model_info": {
            "general.architecture": architecture,
            "general.parameter_count": served.details.parameters,
            f"{architecture}.context_length": served.context,
        },
        "capabilities": _capabilities(served.details),
        "tool_grade": served.details.tool_grade,
        "modified_at": _time(served),
    }


def _listed(served: Served) -> dict[str, Any]:
    name = served.id if ":" in served.id else f"{served.id}{TAG}"
    return {
        "name": name,
        "model": name,
        "size": served.details.bytes,
        "digest": _digest(served),
        "details": _details(served.details),
    }


def _details(details: Details) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": details.family,
        "families": [details.family] if details.family else [],
        "parameter_size": in_words(details.parameters),
        "quantization_level": details.quant,
    }


def _capabilities(details: Details) -> list[str]:
    """On this node tools always: a model whose template knows none is taught them by a text."""
    found = ["completion", *(["tools"] if details.calls else [])]
    found += ["thinking"] if details.thinks else []
    found += ["vision"] if details.sees else []
    return found + (["embedding"] if details.embeds else [])


def _digest(served: Served) -> str:
    """Ollama's own command cuts it without looking how long it is; one of the name does where no other is known."""
    return served.details.digest or hashlib.sha256(served.id.encode()).hexdigest()


def _time(served: Served) -> str:
    return datetime.fromtimestamp(served.created, UTC).isoformat().replace("+00:00", "Z")

"""Models in LM Studio's two forms. Pure.

Both lengths are the context that is served: nobody can load the model with more from outside.
"""

from typing import Any

from ...swarm.member import Details, Served
from ..parameter_count import in_words

PUBLISHER = "local-swarm"


def native_to_wire(served: Served) -> dict[str, Any]:
    details = served.details
    return {
        "type": "llm",
        "publisher": PUBLISHER,
        "key": served.id,
        "display_name": served.id,
        "architecture": details.family or None,
        "quantization": {"name": details.quant, "bits_per_weight": _bits(details)} if details.quant else None,
        "size_bytes": details.bytes,
        "params_string": in_words(details.parameters) or None,
        "loaded_instances": [{"id": served.id, "config": {"context_length": served.context, "parallel": served.seats}}],
        "max_context_length": served.context,
        "format": "gguf",
        "capabilities": _capabilities(details),
        "description": None,
    }


def older_to_wire(served: Served) -> dict[str, Any]:
    details = served.details
    return {
        "id": served.id,
        "object": "model",
        "type": "vlm" if details.sees else "llm",
        "publisher": PUBLISHER,
        "arch": details.family,
        "compatibility_type": "gguf",
        "quantization": details.quant,
        "state": "loaded",
        "max_context_length": served.context,
        "loaded_context_length": served.context,
        "capabilities": ["tool_use"] if details.calls else [],
    }


def _capabilities(details: Details) -> dict[str, Any]:
    """To clients `trained_for_tool_use` means that tools may be sent, and on this node they always may."""
    can = {"vision": details.sees, "trained_for_tool_use": details.calls, "tool_grade": details.tool_grade}
    return can | ({"reasoning": {"allowed_options": ["off", "on"], "default": "on"}} if details.thinks else {})


def _bits(details: Details) -> float | None:
    return round(8 * details.bytes / details.parameters, 1) if details.parameters else None

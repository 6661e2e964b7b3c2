"""The list of models, to the wire: each client looks for the same facts under names of its own. Pure."""

from typing import Any

from ...swarm.member import Details, Served

PARAMETERS = (
    "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "min_p", "presence_penalty", "response_format", "seed",
    "stop", "structured_outputs", "temperature", "tool_choice", "tools", "top_k", "top_logprobs", "top_p",
)  # fmt: skip
REASONING = ("include_reasoning", "reasoning")


def to_wire(served: Served) -> dict[str, Any]:
    return {
        "id": served.id,
        "object": "model",
        "created": served.created,
        "owned_by": "local-swarm",
        **_limits(served),
        **_abilities(served.details),
        "seats": served.seats,
        "local": served.local,
        "notes": list(served.notes),
    }


def _limits(served: Served) -> dict[str, Any]:
    return {
        "context_length": served.context,
        "context_window": served.context,
        "max_model_len": served.context,
        "max_input_tokens": served.context,
        "max_output_tokens": served.context,
        "meta": {"n_ctx": served.context, "n_ctx_train": served.trained_context},
        "top_provider": {"context_length": served.context, "max_completion_tokens": served.context},
    }


def _abilities(details: Details) -> dict[str, Any]:
    """On this node tools always work: where a model's template knows none, it is taught them by a text."""
    modalities = ["text", "image"] if details.sees else ["text"]
    return {
        "capabilities": _capabilities(details),
        "supports_tools": details.calls,
        "supports_function_calling": details.calls,
        "supports_reasoning": details.thinks,
        "supports_vision": details.sees,
        "supports_embeddings": details.embeds,
        "tool_grade": details.tool_grade,
        "supported_parameters": sorted(PARAMETERS + (REASONING if details.thinks else ())),
        "architecture": {"input_modalities": modalities, "output_modalities": ["text"]},
    }


def _capabilities(details: Details) -> list[str]:
    found = ["completion", *(["tools"] if details.calls else [])]
    found += ["thinking"] if details.thinks else []
    found += ["vision"] if details.sees else []
    return found + (["embedding"] if details.embeds else [])

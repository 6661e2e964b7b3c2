"""What llama.cpp's server tells of itself. Pure."""

from typing import Any

from ...chat import Sampling
from ...swarm.member import Busy, Served


def props_to_wire(served: Served, build: str) -> dict[str, Any]:
    details = served.details
    return {
        "default_generation_settings": {"n_ctx": served.context, "params": _params(Sampling())},
        "total_slots": served.seats,
        "model_alias": served.id,
        "model_path": served.id,
        "modalities": {"vision": details.sees, "audio": False},
        "chat_template": details.template,
        "bos_token": details.bos,
        "eos_token": details.eos,
        "build_info": build,
        "tool_grade": details.tool_grade,
    }


def slots_to_wire(served: Served, busy: Busy) -> list[dict[str, Any]]:
    """Seats are all alike here: as many are at work as requests run."""
    return [{"id": seat, "n_ctx": served.context, "is_processing": seat < busy.running} for seat in range(served.seats)]


def _params(sampling: Sampling) -> dict[str, Any]:
    return {
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "n_predict": -1,
    }

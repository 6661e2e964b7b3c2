"""Models in Anthropic's form, for clients that send `anthropic-version` to /v1/models. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ...swarm.member import Served


def models_to_wire(models: Sequence[Served]) -> dict[str, Any]:
    data = [model_to_wire(served) for served in models]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return {"data": data, "has_more": False, **ends}


def model_to_wire(served: Served) -> dict[str, Any]:
    return {
        "type": "model",
        "id": served.id,
        "display_name": served.id,
        "created_at": datetime.fromtimestamp(served.created, UTC).isoformat().replace("+00:00", "Z"),
        "lifecycle": "active",
        "max_input_tokens": served.context,
        "max_tokens": served.context,
    }

"""An error as Ollama writes it. Pure."""

from typing import Any

from ...errors import SwarmError


def to_wire(error: SwarmError) -> dict[str, Any]:
    return {"error": error.message}

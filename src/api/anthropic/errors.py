"""An error in Anthropic's words. Pure."""

from typing import Any

from ...errors import ContextOverflow, SwarmError

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    503: "overloaded_error",
}


def to_wire(error: SwarmError) -> dict[str, Any]:
    kind = TYPES.get(error.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": _message(error)}, "request_id": None}


def _message(error: SwarmError) -> str:
    if isinstance(error, ContextOverflow):
        # Clients read both numbers out of this sentence. One token must be left for the answer.
        return f"prompt is too long: {error.prompt_tokens} tokens > {error.context - 1} maximum"
    return error.message

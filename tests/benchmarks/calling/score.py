"""Is this a call, and what would a kind reader take for one? Pure."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from localswarm.cli.quality.calls import right
from localswarm.cli.quality.question import Call

__all__ = ["Call", "fits", "lenient", "right"]

FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


def fits(call: Call, tools: list[dict[str, Any]]) -> bool:
    """Was this tool offered, and are the arguments what it takes?"""
    schemas = [tool["function"]["parameters"] for tool in tools if tool["function"]["name"] == call.name]
    return any(Draft202012Validator(schema).is_valid(call.arguments) for schema in schemas)


def lenient(text: str) -> list[Call]:
    """What a kind reader finds in text: calls as JSON, fenced, tagged or bare."""
    bodies = FENCED.findall(text) or re.findall(r"<tool_call>(.*?)(?:</tool_call>|$)", text, re.DOTALL) or [text]
    return [call for body in bodies for call in _calls(body)]


def _calls(body: str) -> list[Call]:
    decoder, at, found = json.JSONDecoder(), 0, []
    while (start := min((i for i in (body.find("{", at), body.find("[", at)) if i >= 0), default=-1)) >= 0:
        try:
            value, at = decoder.raw_decode(body, start)
        except ValueError:
            at = start + 1
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                arguments = one.get("arguments", one.get("parameters", {}))
                found.append(Call(one["name"], arguments if isinstance(arguments, dict) else {}))
    return found

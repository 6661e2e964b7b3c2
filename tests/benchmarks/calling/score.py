"""Is this what was wanted? In the manner of BFCL's own check. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from .items import Truth

FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: dict[str, Any]


def fits(call: Call, tools: list[dict[str, Any]]) -> bool:
    """Was this tool offered, and are the arguments what it takes?"""
    schemas = [tool["function"]["parameters"] for tool in tools if tool["function"]["name"] == call.name]
    return any(Draft202012Validator(schema).is_valid(call.arguments) for schema in schemas)


def right(calls: list[Call], truth: Truth) -> bool:
    """Each wanted call is there once, in any order, and nothing else."""
    if len(calls) != len(truth):
        return False
    left = list(calls)
    for wanted in truth:
        found = next((call for call in left if _is(call, wanted)), None)
        if found is None:
            return False
        left.remove(found)
    return True


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


def _is(call: Call, wanted: dict[str, dict[str, list[Any]]]) -> bool:
    values = wanted.get(call.name)
    if values is None or set(call.arguments) - set(values):
        return False
    return all(
        any(_same(call.arguments[name], one) for one in allowed) if name in call.arguments else "" in allowed
        for name, allowed in values.items()
    )


def _same(said: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if not isinstance(said, dict) or set(said) - set(wanted):
            return False
        return all(
            any(_same(said[key], one) for one in allowed) if key in said else "" in allowed
            for key, allowed in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(said, list)
            and len(said) == len(wanted)
            and all(_same(a, b) for a, b in zip(said, wanted, strict=True))
        )
    if isinstance(wanted, str):
        return isinstance(said, str) and _plain(said) == _plain(wanted)
    if isinstance(said, bool) or isinstance(wanted, bool):
        return said is wanted
    return bool(said == wanted)


def _plain(text: str) -> str:
    return re.sub(r"[ ,./\-_*^]", "", text).lower().replace("'", '"')

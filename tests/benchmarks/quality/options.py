"""The distinct answers among the candidates of one question. Pure."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from localswarm.swarm.consensus.support import is_default
from localswarm.swarm.consensus.surplus import surplus
from localswarm.swarm.consensus.words import Words

from ..calling.items import Item
from ..calling.score import Call, right

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """One distinct answer of a pool."""

    key: str
    calls: list[Any]
    right: bool
    votes: float
    first: int  # the place of the first candidate that said so
    likelihood: float  # of its tokens among those that were allowed


def key_of(calls: list[Any], item: Item) -> str:
    """Equal where two answers say the same: order of keys, defaults left out, 5 and 5.0, case and outer blanks."""
    schemas = schemas_of(item)
    return json.dumps(sorted((_call(name, said, schemas[name]) for name, said in calls), key=json.dumps))


def _call(name: str, said: dict[str, Any], schema: dict[str, Any]) -> list[Any]:
    known, needed = schema.get("properties", {}), schema.get("required", [])
    kept = {
        key: _plain(value) for key, value in said.items() if key in needed or not is_default(value, known.get(key, {}))
    }
    return [name, sorted(kept.items())]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()).casefold()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def schemas_of(item: Item) -> dict[str, Any]:
    return {tool["function"]["name"]: tool["function"]["parameters"] for tool in item.tools}


def question(item: Item) -> str:
    return "\n".join(one["content"] for one in item.messages if one["role"] == "user")


def trimmed(item: Item, one: Row) -> Row:
    """Without the calls that nobody asked for."""
    calls = [(name, said) for name, said in one["calls"]]
    places = surplus(calls, Words(question(item)))
    if not places:
        return one
    kept = [call for at, call in enumerate(one["calls"]) if at not in places]
    good = right([Call(name, said) for name, said in kept], item.truth)
    return one | {"calls": kept, "right": good, "whole": one["calls"]}


def options(item: Item, row: Row, chosen: list[Row]) -> list[Option]:
    """The distinct answers among these candidates of a pool, in the order in which they came."""
    valid = [one for one in chosen if one["valid"]]
    keys = [key_of(one["calls"], item) for one in valid]
    counted = Counter(keys)
    scored = {json.dumps(score["calls"]): score for score in row["scores"]}
    found: dict[str, Option] = {}
    for at, (one, key) in enumerate(zip(valid, keys, strict=True)):
        if key in found:
            continue
        score = scored.get(json.dumps(one.get("whole", one["calls"])))
        if score is None:
            continue
        votes = counted[key] / len(valid)
        likelihood = sum(value or 0.0 for value in score["masked"])
        found[key] = Option(key, one["calls"], one["right"], votes, at, likelihood)
    return list(found.values())

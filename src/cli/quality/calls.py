"""Are these the calls that were wanted? In the manner of BFCL's own check. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from .question import Call, Truth


def right(calls: Sequence[Call], truth: Truth) -> bool:
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


def _is(call: Call, wanted: dict[str, dict[str, list[Any]]]) -> bool:
    values = wanted.get(call.name)
    return values is not None and _has(call.arguments, values)


def _has(said: dict[str, Any], values: dict[str, list[Any]]) -> bool:
    if set(said) - set(values):
        return False
    return all(
        any(_same(said[name], one) for one in allowed) if name in said else "" in allowed
        for name, allowed in values.items()
    )


def _same(said: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(said, dict) and _has(said, wanted)
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

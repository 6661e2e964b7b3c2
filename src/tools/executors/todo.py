"""`todowrite` and `todoread`: what a model has set out to do."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from ..texts import Texts
from ..tool import Arguments, Caller, Output, Scope, Tool

LISTS = 256  # those that were used last
MARKS = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]"}
STEP = {
    "type": "object",
    "properties": {
        "content": {"type": "string", "minLength": 1, "maxLength": 500},
        "status": {"type": "string", "enum": list(MARKS)},
    },
    "required": ["content", "status"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"todos": {"type": "array", "maxItems": 100, "items": STEP}},
    "required": ["todos"],
}
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}


def todo(texts: Texts) -> Sequence[Tool]:
    lists: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def write(arguments: Arguments, scope: Scope) -> Output:
        key = _key(scope.caller)
        lists[key] = "\n".join(f"{MARKS[step['status']]} {step['content']}" for step in arguments["todos"])
        lists.move_to_end(key)
        while len(lists) > LISTS:
            lists.popitem(last=False)
        return Output(lists[key] or "The list is empty.")

    async def read(arguments: Arguments, scope: Scope) -> Output:
        return Output(lists.get(_key(scope.caller)) or "The list is empty.")

    return [
        Tool("todowrite", *texts.of("todowrite", SCHEMA), write, "allow"),
        Tool("todoread", *texts.of("todoread", NOTHING), read, "allow"),
    ]


def _key(caller: Caller) -> tuple[str, str]:
    return caller.id, caller.session

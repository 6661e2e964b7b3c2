"""Calls of tools in their canonical form. Pure.

Several calls in one answer count as a set with repetitions: two answers that make the same calls in another order say
the same, whichever of them is then given, in the order in which it was written.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from ...chat import ChatRequest, ToolCall, ToolSpec
from .fields import fields
from .looping import loops
from .reading import meant, parsed
from .said import Said
from .schemas import cleaned, wrong

# The very same call so often in one answer is a model that cannot stop.
LOOP = 4


def said(calls: Sequence[ToolCall], request: ChatRequest) -> Said:
    if why := _not_allowed(calls, request):
        return Said(why=why)
    tools = {tool.name: tool for tool in request.tools}
    each = [_one(call, tools[call.name]) for call in calls]
    if wrongs := [one.why for one in each if one.why]:
        return Said(why=wrongs[0])
    ordered = sorted(each, key=lambda one: (one.key, one.soft))
    soft = json.dumps([one.soft for one in ordered]) if any(one.soft for one in ordered) else ""
    return Said("\n".join(one.key for one in ordered), soft, all(one.exact for one in each))


def loop(calls: Sequence[ToolCall]) -> bool:
    """Without an end to the calls, or to a text in one of them."""
    times = Counter((call.name, call.arguments) for call in calls)
    return any(one >= LOOP for one in times.values()) or any(loops(text) for call in calls for text in _texts(call))


def _texts(call: ToolCall) -> Iterator[str]:
    try:
        waiting = [parsed(call.arguments)]
    except ValueError:
        waiting = [call.arguments]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case dict(inside):
                waiting += inside.values()
            case list(inside):
                waiting += inside


def _not_allowed(calls: Sequence[ToolCall], request: ChatRequest) -> str:
    choice = request.tool_choice
    if choice.mode == "none":
        return "It calls a tool, and none was to be called."
    if len(calls) > 1 and not choice.parallel:
        return "It makes several calls, and one at a time was wanted."
    offered = {tool.name for tool in request.tools}
    allowed = offered & set(choice.names) if choice.names else offered
    strange = next((call.name for call in calls if call.name not in allowed), None)
    return "" if strange is None else f"It calls the tool {strange[:80]!r}, which was not offered."


def _one(call: ToolCall, tool: ToolSpec) -> Said:
    try:
        value = parsed(call.arguments or "{}")
    except ValueError:
        return Said(why=f"The arguments of {call.name} are no JSON.")
    if not isinstance(value, dict):
        return Said(why=f"The arguments of {call.name} are no object.")
    schema = cleaned(tool.schema)
    read = meant(value, schema, schema)
    if problems := wrong(read, schema, schema):
        return Said(why=f"The arguments of {call.name} do not fit: {problems[0]}.")
    found = fields(read, schema)
    return Said(f"{json.dumps(call.name)}{found.hard}", found.soft, not wrong(value, schema, schema))

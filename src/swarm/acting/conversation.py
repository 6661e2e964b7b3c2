"""The conversation as the model sees it, round after round. Pure."""

import json
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ...chat import Candidate, Image, Message, Outcome, Part, Text, ToolCall, ToolResult

UNSEEN = "It gave a picture, which this model cannot see."
# A result that was cut says so; shorter ones are not worth the cut.
LEFT_OUT = "\n[... left out: it did not fit ...]\n"
LEAST = 200


def new_id() -> str:
    return f"call_{uuid.uuid4().hex}"


def distinct(message: Message, taken: Collection[str]) -> Message:
    """Some servers count their calls anew in every answer. With `taken`, an id is there once."""
    seen = set(taken)

    def own(call: ToolCall) -> ToolCall:
        call = call if call.id and call.id not in seen else replace(call, id=new_id())
        seen.add(call.id)
        return call

    return with_calls(message, own)


def whole(said: Candidate, parallel: bool = True) -> Message:
    """Without the calls of an answer that was cut off: nobody knows what they should have been. A text of the client's
    own may have stopped it in its last one. `parallel`: there may be several, which not every member keeps to."""
    calls = said.message.calls
    cut_off = said.reason == "length" or (said.stop and calls and not _is_object(calls[-1].arguments))
    kept = () if cut_off else calls if parallel else calls[:1]
    if kept == calls:
        return said.message
    parts = tuple(part for part in said.message.parts if not isinstance(part, ToolCall) or part in kept)
    return replace(said.message, parts=parts)


def with_calls(message: Message, change: Callable[[ToolCall], ToolCall]) -> Message:
    parts = tuple(change(part) if isinstance(part, ToolCall) else part for part in message.parts)
    return replace(message, parts=parts)


def ids(messages: Sequence[Message]) -> set[str]:
    return {call.id for message in messages for call in message.calls}


def results(outcomes: Sequence[tuple[ToolCall, Outcome]], sees: bool) -> list[Message]:
    """What came of the calls, under the ids that the model knows them by."""
    found = [_result(call, outcome, sees) for call, outcome in outcomes]
    pictures = [part for call, outcome in outcomes for part in _pictures(call, outcome)] if sees else []
    told = [Message("tool", tuple(found))] if found else []
    return [*told, *([Message("user", tuple(pictures))] if pictures else [])]


def with_words(messages: Sequence[Message], words: str) -> tuple[Message, ...]:
    """Behind the last result: templates allow nothing else between it and the answer."""
    at = max((at for at, message in enumerate(messages) if message.results), default=None)
    if at is None or not words:
        return tuple(messages)
    *before, last = messages[at].results
    ended = replace(last, content=f"{last.content}\n\n{words}")
    return (*messages[:at], replace(messages[at], parts=(*before, ended)), *messages[at + 1 :])


def shorter(messages: Sequence[Message], since: int) -> tuple[Message, ...] | None:
    """With the longest results cut to half, of those that come from `since` on; None where there is nothing to cut."""
    most = max((len(one.content) for message in messages[since:] for one in message.results), default=0) // 2
    if most < LEAST:
        return None

    def cut(part: Part) -> Part:
        if not isinstance(part, ToolResult) or len(part.content) <= most:
            return part
        half = (most - len(LEFT_OUT)) // 2
        return replace(part, content=part.content[:half] + LEFT_OUT + part.content[-half:])

    after = tuple(replace(message, parts=tuple(map(cut, message.parts))) for message in messages[since:])
    return (*messages[:since], *after)


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def _result(call: ToolCall, outcome: Outcome, sees: bool) -> ToolResult:
    blind = f"\n{UNSEEN}" if outcome.images and not sees else ""
    return replace(outcome.result, call=call.id, content=f"{outcome.content}{blind}", name=call.name)


def _pictures(call: ToolCall, outcome: Outcome) -> list[Text | Image]:
    return [Text(f"What {call.name} gave:"), *outcome.images] if outcome.images else []

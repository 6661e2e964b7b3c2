"""gpt-oss speaks harmony: every message has a channel in its header.

    <|channel|>analysis<|message|>They ask ...<|end|><|start|>assistant<|channel|>final<|message|>It is ...<|return|>
    <|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>

`analysis` is thinking, `final` is for the user, and a message to a function is a call, in whatever channel. A call ends
the answer, so that there is never more than one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...chat import Message, ToolSpec
from ..family import CallReader, CallRules, Thought
from ..grammar.lark import json_value, literal
from ..turns import Turn, native_turns
from .source import NotACall, Reader, Source, Waiting
from .tagged import each

START = "<|start|>assistant"
CHANNEL = "<|channel|>"
MESSAGE = "<|message|>"
CONSTRAIN = "<|constrain|>"
END = "<|end|>"
CALL = "<|call|>"
RETURN = "<|return|>"
ANALYSIS = f"{CHANNEL}analysis{MESSAGE}"
THOUGHT = Thought(ANALYSIS, END)
TO = " to="
RECIPIENT = f"{TO}functions."
WORD_END = "< \n"


@dataclass(frozen=True, slots=True)
class GptOss:
    name: str = "gpt-oss"
    thought: Thought | None = THOUGHT
    triggers: tuple[str, ...] = (
        START,
        RECIPIENT,
        f"{CHANNEL}final",
        f"{CHANNEL}commentary",
        f"{CHANNEL}analysis{RECIPIENT}",
        END,
        CALL,
        RETURN,
    )
    special: bool = True
    # Words too have a header, so its reader is needed even where there is nothing to call.
    headers: bool = True

    def fits(self, template: str) -> bool:
        return all(marker in template for marker in (CHANNEL, MESSAGE, CALL))

    def turns(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        return list(_one_by_one([_turn(turn) for turn in native_turns(messages)]))

    def call_rules(self, tools: Sequence[ToolSpec]) -> CallRules:
        """Without tools they still say what stands before words."""
        start = f"({literal(START)})?"
        say = f"say: {start} {literal(CHANNEL)} {literal('final')} {literal(MESSAGE)}"
        if not tools:
            return CallRules(say, several=False)
        choice, rules = each(tools, _call)
        header = f"{literal(CHANNEL)} {literal('commentary' + RECIPIENT)}"
        first = f"({literal(END)})? {start}"
        return CallRules(f"call: {header} {choice}\n{say}\n{rules}", first, several=False)

    def reader(self, names: frozenset[str], tools: Sequence[ToolSpec] = ()) -> CallReader:
        return Reader(partial(_read, names=names))


def _call(tool: ToolSpec) -> tuple[str, list[str]]:
    header = f"{literal(tool.name + ' ')} {literal(CONSTRAIN)} {literal('json')} {literal(MESSAGE)}"
    return f"{header} {json_value(tool.schema)}", []


def _turn(turn: Turn) -> Turn:
    """The template takes thoughts in a field of its own, and with a call only one of thought and text."""
    thought = turn.pop("reasoning_content", "")
    if turn.get("tool_calls"):
        thought = "\n\n".join(filter(None, (thought, turn["content"])))
        turn["content"] = ""
    return turn | ({"thinking": thought} if thought else {})


def _one_by_one(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The template knows one call in a message, and the result right behind it."""
    at = 0
    while at < len(turns):
        turn = turns[at]
        at += 1
        calls = turn.get("tool_calls", [])
        if len(calls) < 2:
            yield turn
            continue
        results = []
        while at < len(turns) and turns[at]["role"] == "tool":
            results.append(turns[at])
            at += 1
        yield from _split(turn, calls, results)


def _split(turn: Turn, calls: list[dict[str, Any]], results: list[Turn]) -> Iterator[Turn]:
    for call in calls:
        yield turn | {"tool_calls": [call]}
        turn = {"role": "assistant", "content": ""}
        own = [result for result in results if result["tool_call_id"] == call["id"]]
        results = [result for result in results if result not in own]
        yield from own
    yield from results


def _read(source: Source, names: frozenset[str]) -> Waiting[None]:
    while True:
        if (yield from source.takes(END, CALL, RETURN)):
            source.drop()
            if not (yield from source.next_is("<")):
                return
            continue
        channel, recipient = yield from _header(source)
        if not recipient.startswith("functions."):
            source.drop()
            if channel == "analysis" and not recipient:
                source.back(ANALYSIS)
            return
        name = recipient.removeprefix("functions.")
        if name not in names:
            raise NotACall
        source.begin(name)
        yield from source.space()
        yield from source.arguments()
        source.whole()


def _header(source: Source) -> Waiting[tuple[str, str]]:
    """Channel and recipient. Now and then there is an empty header before the right one: the last word counts."""
    channel = recipient = ""
    while found := (yield from source.takes(START, TO, CHANNEL, " " + CONSTRAIN, CONSTRAIN, " json", MESSAGE)):
        if found == MESSAGE:
            return channel, recipient
        if found == TO:
            recipient = yield from source.word(WORD_END)
        elif found == CHANNEL:
            channel = yield from source.word(WORD_END)
            recipient = "" if recipient == "assistant" else recipient
        elif found.endswith(CONSTRAIN):
            yield from source.word(WORD_END)
    raise NotACall


FAMILY = GptOss()
FAMILIES = (FAMILY,)

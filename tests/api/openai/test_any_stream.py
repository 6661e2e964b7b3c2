"""Whatever a model does in whatever order: nothing is lost in a stream, and every item that begins also ends."""

import json
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings
from localswarm.api.openai.chat import from_wire
from localswarm.api.openai.chat_stream import ChatStream
from localswarm.chat import Accepted, Event, Finished, TextDelta, ThinkingDelta, ToolCallDelta, Usage

from .responses.wire import stream

TOOLS = [{"type": "function", "name": "f"}, {"type": "custom", "name": "patch"}]
PIECES = st.lists(st.text(min_size=1), min_size=1, max_size=3)
TURNS = st.lists(st.tuples(st.sampled_from(["text", "thought", "f", "patch"]), PIECES), max_size=5)
Turns = list[tuple[str, list[str]]]


def fragments(name: str, pieces: list[str]) -> list[str]:
    """Arguments whose only value is the text."""
    key = "input" if name == "patch" else "text"
    inner = [json.dumps(piece, ensure_ascii=False)[1:-1] for piece in pieces]
    return ['{"', f'{key}": "', *inner, '"}']


def events_of(turns: Turns) -> list[Event]:
    events: list[Event] = [Accepted(1)]
    calls = 0
    for kind, pieces in turns:
        if kind == "text":
            events += [TextDelta(piece) for piece in pieces]
        elif kind == "thought":
            events += [ThinkingDelta(piece) for piece in pieces]
        else:
            events.append(ToolCallDelta(calls, "", f"c{calls}", kind))
            events += [ToolCallDelta(calls, fragment) for fragment in fragments(kind, pieces)]
            calls += 1
    return [*events, Finished("tool_calls" if calls else "stop", Usage(1, 1))]


def merged(turns: Turns) -> list[tuple[str, str]]:
    """Text behind text is one item, and thoughts behind thoughts; each call is its own."""
    found: list[tuple[str, str]] = []
    for kind, pieces in turns:
        text = "".join(pieces)
        if found and kind in ("text", "thought") and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found


def of_item(item: dict[str, Any]) -> tuple[str, str]:
    match item["type"]:
        case "message":
            return "text", item["content"][0]["text"]
        case "reasoning":
            return "thought", item["content"][0]["text"]
        case "function_call":
            return "f", json.loads(item["arguments"])["text"]
        case _:
            return "patch", item["input"]


@given(TURNS)
@settings(max_examples=60, deadline=None)
def test_a_response(turns: Turns) -> None:
    found, _ = stream(events_of(turns), tools=TOOLS)
    assert [of_item(item) for item in found[-1]["response"]["output"]] == merged(turns)
    added = [event["item"]["id"] for event in found if event["type"] == "response.output_item.added"]
    done = [event["item"]["id"] for event in found if event["type"] == "response.output_item.done"]
    assert added == done and len(set(added)) == len(added)
    said: dict[str, str] = {}
    for event in found:
        if "delta" in event:
            said[event["item_id"]] = said.get(event["item_id"], "") + event["delta"]
        if event["type"].endswith(("_text.done", "_arguments.done", "_input.done")):
            assert said[event["item_id"]] == (event.get("text") or event.get("arguments") or event.get("input"))


@given(TURNS)
@settings(max_examples=60, deadline=None)
def test_a_chat(turns: Turns) -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "patch")]
    writing = ChatStream(from_wire({"messages": [{"role": "user", "content": "x"}], "tools": tools}, "id"))
    wire = b"".join([data for event in events_of(turns) for data in writing.event(event)]).decode()
    deltas = [json.loads(part[6:])["choices"][0]["delta"] for part in wire.split("\n\n") if part]
    for key, kind in (("content", "text"), ("reasoning_content", "thought")):
        assert "".join(delta.get(key, "") for delta in deltas) == "".join(
            "".join(pieces) for one, pieces in turns if one == kind
        )
    calls: dict[int, str] = {}
    for call in (call for delta in deltas for call in delta.get("tool_calls", [])):
        calls[call["index"]] = calls.get(call["index"], "") + call["function"]["arguments"]
    expected = ["".join(fragments(kind, pieces)) for kind, pieces in turns if kind in ("f", "patch")]
    assert list(calls.values()) == expected and all(json.loads(text) for text in expected)

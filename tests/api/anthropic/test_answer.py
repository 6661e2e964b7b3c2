"""Messages to Anthropic's wire, whole and in events, as Anthropic's own types have them."""

import json
from typing import Any

import anthropic.types as sdk
import pytest
from localswarm.api.anthropic.answer import SIGNATURE, whole_to_wire
from localswarm.api.anthropic.request import from_wire
from localswarm.api.anthropic.stream import MessageStream
from localswarm.chat import Accepted, Event, Finished, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from localswarm.errors import Overloaded
from pydantic import TypeAdapter

from ...swarm.scripted import candidate_of

EVENTS: TypeAdapter[Any] = TypeAdapter(sdk.RawMessageStreamEvent)
EVERYTHING: list[Event] = [
    Accepted(20, ("a schema was relaxed",)),
    ThinkingDelta("hm"),
    ThinkingDelta("m"),
    TextDelta("I "),
    TextDelta(""),
    TextDelta("look."),
    ToolCallDelta(0, "", "t1", "Read"),
    ToolCallDelta(0, '{"path":'),
    ToolCallDelta(0, '"a"}'),
    ToolCallDelta(1, "{}", "t2", "List"),
    Finished("tool_calls", Usage(20, 9, 15, 2)),
]
# A call that was cut off in its arguments.
CUT: list[Event] = [Accepted(3), ToolCallDelta(0, '{"path', "t1", "Read"), Finished("length", Usage(3, 2))]


def call(**fields: Any) -> Any:
    return from_wire({"messages": [{"role": "user", "content": "x"}], "model": "claude-x"} | fields, "msg_1", "", [])


def streamed(events: list[Event], **fields: Any) -> list[Any]:
    """Every event, checked by Anthropic's own types."""
    stream = MessageStream(call(stream=True, **fields))
    data = b"".join(piece for event in events for piece in stream.event(event)) + stream.end()
    found = []
    for part in data.decode().removesuffix("\n\n").split("\n\n"):
        name, body = part.split("\n")
        event = json.loads(body.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        if event["type"] != "ping":
            EVENTS.validate_python(event)
        found.append(event)
    return found


def kinds(events: list[Any]) -> list[str]:
    return [event["type"].removeprefix("content_block_") for event in events]


def test_blocks_come_one_after_the_other() -> None:
    events = streamed(EVERYTHING)
    assert kinds(events) == [
        "message_start", "ping",
        "start", "delta", "delta", "delta", "stop",
        "start", "delta", "delta", "stop",
        "start", "delta", "delta", "stop",
        "start", "delta", "stop",
        "message_delta", "message_stop",
    ]  # fmt: skip
    assert [event["index"] for event in events if event["type"] == "content_block_start"] == [0, 1, 2, 3]
    assert [event["index"] for event in events if event["type"] == "content_block_stop"] == [0, 1, 2, 3]
    assert events[5]["delta"] == {"type": "signature_delta", "signature": SIGNATURE}
    assert events[11]["content_block"] == {"type": "tool_use", "id": "t1", "name": "Read", "input": {}}
    assert events[12]["delta"]["partial_json"] + events[13]["delta"]["partial_json"] == '{"path":"a"}'


def test_the_head_and_the_end_of_a_stream() -> None:
    events = streamed(EVERYTHING)
    message = events[0]["message"]
    assert (message["id"], message["model"], message["content"]) == ("msg_1", "claude-x", [])
    assert message["usage"]["input_tokens"] == 20
    assert message["swarm"] == {"warnings": ["a schema was relaxed"]}
    assert events[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    usage = events[-2]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (5, 15, 9)
    assert usage["output_tokens_details"] == {"thinking_tokens": 2}


@pytest.mark.parametrize(
    ("end", "reason", "sequence"),
    [
        (Finished("stop", Usage(1, 1)), "end_turn", None),
        (Finished("stop", Usage(1, 1), stop="END"), "stop_sequence", "END"),
        (Finished("length", Usage(1, 1)), "max_tokens", None),
        (Finished("tool_calls", Usage(1, 1)), "tool_use", None),
    ],
)
def test_why_it_ended(end: Finished, reason: str, sequence: str | None) -> None:
    events: list[Event] = [Accepted(1), TextDelta("x"), end]
    assert streamed(events)[-2]["delta"] == {"stop_reason": reason, "stop_sequence": sequence}
    whole = whole_to_wire(call(), {}, candidate_of(events, 0))
    assert (whole["stop_reason"], whole["stop_sequence"]) == (reason, sequence)


def test_an_answer_of_nothing_has_no_blocks() -> None:
    assert kinds(streamed([Accepted(1), Finished("stop", Usage(1, 0))])) == [
        "message_start", "ping", "message_delta", "message_stop",
    ]  # fmt: skip


def test_thoughts_that_are_not_to_be_shown_are_only_signed() -> None:
    thinking = {"type": "adaptive", "display": "omitted"}
    deltas = [event["delta"] for event in streamed(EVERYTHING, thinking=thinking) if "delta" in event]
    assert [delta for delta in deltas if delta.get("type") == "thinking_delta"] == []
    assert deltas[0] == {"type": "signature_delta", "signature": SIGNATURE}
    whole = whole_to_wire(call(thinking=thinking), {}, candidate_of(EVERYTHING, 0))
    assert whole["content"][0] == {"type": "thinking", "thinking": "", "signature": SIGNATURE}


def test_a_whole_message_says_what_the_stream_says() -> None:
    wire = whole_to_wire(call(), {"swarm": {"warnings": ["careful"]}}, candidate_of(EVERYTHING, 0))
    sdk.Message.model_validate(wire)
    assert wire["content"] == [
        {"type": "thinking", "thinking": "hmm", "signature": SIGNATURE},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "a"}},
        {"type": "tool_use", "id": "t2", "name": "List", "input": {}},
    ]
    assert wire["stop_reason"] == "tool_use" and wire["usage"]["input_tokens"] == 5
    assert wire["swarm"] == {"warnings": ["careful"]}


def test_what_was_found_out_while_it_was_written_is_told_at_its_end() -> None:
    events: list[Event] = [Accepted(1), Finished("stop", Usage(1, 0), warnings=("shortened",))]
    assert streamed(events)[-2]["swarm"] == {"warnings": ["shortened"]}


def test_half_a_call_is_not_given_out_to_be_run() -> None:
    whole = whole_to_wire(call(), {}, candidate_of(CUT, 0))
    assert whole["content"] == [] and whole["stop_reason"] == "max_tokens"


def test_a_failure_in_the_middle_is_an_error_event() -> None:
    name, body = MessageStream(call()).failure(Overloaded("full")).decode().strip().split("\n")
    assert name == "event: error"
    assert json.loads(body[6:])["error"] == {"type": "overloaded_error", "message": "full"}

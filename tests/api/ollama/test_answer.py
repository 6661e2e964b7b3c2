"""Answers to Ollama's wire: lines, calls that are whole, counts and durations."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from localswarm.api.chosen.told import Told
from localswarm.api.ollama.answer import Lines, Place, Watch, in_message, in_response, loaded_to_wire, whole_to_wire
from localswarm.api.ollama.request import chat_from_wire
from localswarm.chat import (
    Accepted,
    Alternative,
    Event,
    Finished,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from localswarm.errors import EngineDied
from ollama import ChatResponse, GenerateResponse

from ...swarm.scripted import candidate_of

CALL = chat_from_wire({"model": "small:latest", "messages": [{"role": "user", "content": "x"}]}, "id")
EVERYTHING: list[Event] = [
    Accepted(20),
    ThinkingDelta("hmm"),
    TextDelta(""),
    TextDelta("I look."),
    ToolCallDelta(0, "", "t1", "Read"),
    ToolCallDelta(0, '{"path":'),
    ToolCallDelta(0, '"a"}'),
    ToolCallDelta(1, "{}", "t2", "List"),
    Finished("tool_calls", Usage(20, 9, 15, 2)),
]


def watching(clock: Callable[[], int] = time.monotonic_ns) -> Watch:
    return Watch(Told("id"), clock)


def clock() -> Callable[[], int]:
    """Ten nanoseconds later at each look."""
    times = iter(range(10, 1000, 10))
    return lambda: next(times)


def lines(events: list[Event], place: Place = in_message) -> list[Any]:
    wire = Lines(CALL, place, watching(clock()))
    data = b"".join(piece for event in events for piece in wire.event(event)) + wire.end()
    return [json.loads(line) for line in data.decode().splitlines()]


def test_one_line_for_each_thing_that_is_said() -> None:
    found = lines(EVERYTHING)
    for line in found:
        ChatResponse.model_validate(line)
        assert line["model"] == "small:latest" and line["created_at"].endswith("Z")
    assert [line["message"] for line in found] == [
        {"role": "assistant", "content": "", "thinking": "hmm"},
        {"role": "assistant", "content": "I look."},
        {"role": "assistant", "content": "", "tool_calls": [call("t1", "Read", path="a")]},
        {"role": "assistant", "content": "", "tool_calls": [call("t2", "List")]},
        {"role": "assistant", "content": ""},
    ]
    assert [line["done"] for line in found] == [False, False, False, False, True]


def call(call_id: str, name: str, **arguments: str) -> dict[str, Any]:
    return {"id": call_id, "function": {"index": 0, "name": name, "arguments": arguments}}


def test_the_last_line_counts() -> None:
    last = lines(EVERYTHING)[-1]
    assert last["done_reason"] == "stop"
    assert (last["prompt_eval_count"], last["eval_count"]) == (20, 9)
    assert (last["total_duration"], last["prompt_eval_duration"], last["eval_duration"]) == (20, 10, 10)
    assert "swarm" not in last


def test_warnings_are_passed_on() -> None:
    events: list[Event] = [Accepted(1, ("relaxed",)), Finished("stop", Usage(1, 0))]
    assert lines(events)[-1]["swarm"] == {"warnings": ["relaxed"]}


def test_what_was_found_out_while_it_was_written_is_told_at_its_end() -> None:
    events: list[Event] = [Accepted(1), Finished("stop", Usage(1, 0), warnings=("shortened",))]
    assert lines(events)[-1]["swarm"] == {"warnings": ["shortened"]}


def test_a_generated_text_has_its_own_place() -> None:
    events: list[Event] = [Accepted(1), ThinkingDelta("hm"), TextDelta("yes"), Finished("length", Usage(1, 1))]
    found = lines(events, in_response)
    assert [GenerateResponse.model_validate(line).response for line in found] == ["", "yes", ""]
    assert (found[0]["thinking"], found[-1]["done_reason"]) == ("hm", "length")


def test_a_whole_answer_says_what_the_lines_say() -> None:
    watch = watching(clock())
    for event in EVERYTHING:
        watch.hear(event)
    wire = whole_to_wire(CALL, in_message, watch, [candidate_of(EVERYTHING, 0)])
    ChatResponse.model_validate(wire)
    message = wire["message"]
    assert (message["content"], message["thinking"]) == ("I look.", "hmm")
    assert [(one["id"], one["function"]["index"]) for one in message["tool_calls"]] == [("t1", 0), ("t2", 1)]
    assert (wire["done"], wire["total_duration"], wire["prompt_eval_duration"]) == (True, 20, 10)


CUT: list[Event] = [Accepted(3), ToolCallDelta(0, '{"path', "t1", "Read"), Finished("length", Usage(3, 2))]


def test_half_a_call_is_not_given_out_to_be_run() -> None:
    assert [line["done_reason"] for line in lines(CUT)] == ["length"]
    whole = whole_to_wire(CALL, in_message, watching(), [candidate_of(CUT, 0)])
    assert whole["message"] == {"role": "assistant", "content": ""}


def test_log_probabilities() -> None:
    found = (TokenLogprob(b"a", -0.5, (Alternative(b"b", float("-inf")),)),)
    line = lines([Accepted(1), TextDelta("a", 0, found), Finished("stop", Usage(1, 1))])[0]
    assert line["logprobs"] == [
        {
            "token": "a",
            "logprob": -0.5,
            "bytes": [97],
            "top_logprobs": [{"token": "b", "logprob": -9999.0, "bytes": [98]}],
        }
    ]


@pytest.mark.parametrize("place", [in_message, in_response])
def test_loading_is_done_at_once(place: Place) -> None:
    wire = loaded_to_wire(CALL, place)
    assert (wire["done"], wire["done_reason"]) == (True, "load")


def test_idle_and_failing_lines() -> None:
    wire = Lines(CALL, in_message, watching())
    assert json.loads(wire.idle())["message"] == {"role": "assistant", "content": ""}
    assert wire.failure(EngineDied("gone")) == b'{"error":"gone"}\n'

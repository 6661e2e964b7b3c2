"""Chunks exactly as the clients that broke on others need them."""

import json
from typing import Any

from localswarm.api.openai.chat import from_wire
from localswarm.api.openai.chat_stream import ChatStream
from localswarm.chat import (
    Accepted,
    Chosen,
    Event,
    Finished,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from localswarm.errors import EngineDied
from openai.types.chat import ChatCompletionChunk

from ..choosing import SINGLE

TOOLS = [{"type": "function", "function": {"name": "f"}}]
CALLS: list[Event] = [
    ToolCallDelta(0, "", "c1", "f"),
    ToolCallDelta(0, '{"a"'),
    ToolCallDelta(0, ": 1}"),
    ToolCallDelta(1, "", "c2", "f"),
    ToolCallDelta(1, "{}"),
    Finished("tool_calls", Usage(5, 6, 2)),
]


def written(**fields: Any) -> ChatStream:
    return ChatStream(from_wire({"messages": [{"role": "user", "content": "x"}], "stream": True} | fields, "id"))


def chunks(events: list[Event], **fields: Any) -> list[Any]:
    stream = written(**fields)
    wire = b"".join([data for event in events for data in stream.event(event)]) + stream.end()
    texts = [part.removeprefix("data: ") for part in wire.decode().split("\n\n") if part]
    assert texts.pop() == "[DONE]"
    found = [json.loads(text) for text in texts]
    for chunk in found:
        ChatCompletionChunk.model_validate(chunk, strict=True)
    return found


def deltas(found: list[Any]) -> list[Any]:
    return [choice["delta"] for chunk in found for choice in chunk["choices"]]


def test_calls() -> None:
    found = chunks([Accepted(5), *CALLS], tools=TOOLS)
    assert deltas(found) == [
        {"role": "assistant", "content": ""},
        {"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]},
        {"tool_calls": [{"index": 1, "id": "c2", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in found] == [None] * 6 + ["tool_calls"]


def test_calls_in_the_older_form() -> None:
    found = chunks([Accepted(5), *CALLS[:3], CALLS[-1]], functions=[{"name": "f"}])
    assert deltas(found)[1:] == [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": '{"a"'}},
        {"function_call": {"arguments": ": 1}"}},
        {},
    ]
    assert found[-1]["choices"][0]["finish_reason"] == "function_call"


def test_thoughts_come_apart_from_the_text() -> None:
    found = chunks([Accepted(1), ThinkingDelta("hm"), TextDelta("yes"), Finished("stop", Usage(1, 2, 0, 1))])
    assert deltas(found)[1:3] == [{"reasoning_content": "hm"}, {"content": "yes"}]


def test_usage_last_with_empty_choices_when_asked_for() -> None:
    events: list[Event] = [Accepted(1), Finished("stop", Usage(5, 3, 2, 1))]
    found = chunks(events, stream_options={"include_usage": True})
    assert found[-1]["choices"] == [] and found[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 1}
    assert all(chunk["usage"] is None for chunk in found[:-1])
    assert all("usage" not in chunk for chunk in chunks(events))


def test_each_candidate_has_its_own_role_calls_and_end() -> None:
    events: list[Event] = [Accepted(1)]
    for candidate in (1, 0):
        events += [
            ToolCallDelta(0, "", f"c{candidate}", "f", candidate),
            ToolCallDelta(0, "{}", candidate=candidate),
            Finished("tool_calls", Usage(5, 2), candidate),
        ]
    found = chunks(events, tools=TOOLS, n=2)
    seen: dict[int, list[Any]] = {0: [], 1: []}
    for chunk in found:
        (choice,) = chunk["choices"]
        seen[choice["index"]].append((choice["delta"], choice["finish_reason"]))
    for index, own in seen.items():
        assert own[0] == ({"role": "assistant", "content": ""}, None)
        assert own[1][0]["tool_calls"][0]["id"] == f"c{index}" and own[1][0]["tool_calls"][0]["index"] == 0
        assert own[-1] == ({}, "tool_calls")


def test_warnings_are_in_the_first_chunk_alone() -> None:
    found = chunks([Accepted(1, ("careful",)), TextDelta("x"), Finished("stop", Usage(1, 1))])
    assert found[0]["swarm"] == {"warnings": ["careful"]}
    assert all("swarm" not in chunk for chunk in found[1:])
    assert all("swarm" not in chunk for chunk in chunks([Accepted(1), TextDelta("x")]))


def test_the_verdict_is_in_one_chunk_of_several_choices() -> None:
    events: list[Event] = [Accepted(1), Chosen(SINGLE), *(Finished("stop", Usage(1, 1), index) for index in range(2))]
    assert ["swarm" in chunk for chunk in chunks(events, n=2)] == [False, False, True, False]


def test_logprobs_of_what_cannot_happen_are_a_number() -> None:
    entry = TokenLogprob(b"\xc3", float("-inf"))
    found = chunks([Accepted(1), TextDelta("é", 0, (entry,))], logprobs=True)
    (token,) = found[1]["choices"][0]["logprobs"]["content"]
    assert token == {"token": "\ufffd", "logprob": -9999.0, "bytes": [195], "top_logprobs": []}


def test_silence_is_broken_by_a_real_chunk_that_says_nothing() -> None:
    chunk = json.loads(written().idle().removeprefix(b"data: "))
    ChatCompletionChunk.model_validate(chunk, strict=True)
    assert chunk["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": None}]


def test_a_failure_is_an_event_and_never_a_finish() -> None:
    assert json.loads(written().failure(EngineDied("gone")).removeprefix(b"data: "))["error"]["code"] == "engine_died"

"""The events of a response, in their order, and of the shapes that OpenAI's own library knows."""

from typing import Any

import pytest
from localswarm.api.openai.responses.call import from_wire
from localswarm.api.openai.responses.output import whole_to_wire
from localswarm.api.openai.responses.sealed import unseal
from localswarm.api.openai.responses.stream import ResponseStream
from localswarm.chat import (
    Accepted,
    Event,
    Finished,
    TextDelta,
    ThinkingDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from localswarm.errors import EngineDied
from openai.types.responses import Response

from tests.swarm.scripted import candidate_of

from .wire import parsed, stream

END = Finished("stop", Usage(5, 3, 2, 1))
CALLED = Finished("tool_calls", Usage(5, 3))
BEGUN = ["response.created", "response.in_progress"]
TOOLS = [
    {"type": "function", "name": "f"},
    {"type": "custom", "name": "patch"},
    {"type": "namespace", "name": "files", "description": "d", "tools": [{"type": "function", "name": "read"}]},
]
CUSTOM: list[Event] = [
    ToolCallDelta(1, "", "c1", "patch"),
    ToolCallDelta(1, '{"inp'),
    ToolCallDelta(1, 'ut": "a\\'),
    ToolCallDelta(1, 'nb"}'),
]
EVERYTHING: list[Event] = [
    Accepted(5, ("careful",)), ThinkingDelta("h"), ThinkingDelta("m"), TextDelta("we"), TextDelta("ll"),
    ToolCallDelta(0, "", "c0", "f"), ToolCallDelta(0, "{}"), *CUSTOM, CALLED,
]  # fmt: skip


def kinds(events: list[Any]) -> list[str]:
    return [event["type"] for event in events]


def test_a_text() -> None:
    found, kept = stream([Accepted(5), TextDelta("we"), TextDelta("ll"), END])
    assert kinds(found) == [
        *BEGUN, "response.output_item.added", "response.content_part.added", "response.output_text.delta",
        "response.output_text.delta", "response.output_text.done", "response.content_part.done",
        "response.output_item.done", "response.completed",
    ]  # fmt: skip
    assert found[6]["text"] == "well" and found[-2]["item"]["content"][0]["text"] == "well"
    last = found[-1]["response"]
    assert last["status"] == "completed" and [item["id"] for item in last["output"]] == ["msg_1_0"]
    assert last["usage"] == {
        "input_tokens": 5,
        "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 8,
    }
    assert kept == [last]


def test_thoughts_as_they_are() -> None:
    found, _ = stream([Accepted(5), ThinkingDelta("h"), ThinkingDelta("m"), TextDelta("x"), END])
    assert kinds(found)[2:10] == [
        "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta",
        "response.reasoning_text.delta", "response.reasoning_text.done", "response.content_part.done",
        "response.output_item.done", "response.output_item.added",
    ]  # fmt: skip
    thought, said = found[-1]["response"]["output"]
    assert thought["content"] == [{"type": "reasoning_text", "text": "hm"}] and thought["summary"] == []
    assert "encrypted_content" not in thought and said["type"] == "message"


def test_thoughts_as_a_summary_and_sealed() -> None:
    found, _ = stream(
        [Accepted(5), ThinkingDelta("hm"), TextDelta("x"), END],
        reasoning={"summary": "auto"},
        include=["reasoning.encrypted_content"],
    )
    assert kinds(found)[2:8] == [
        "response.output_item.added", "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done", "response.output_item.done",
    ]  # fmt: skip
    thought = found[-1]["response"]["output"][0]
    assert thought["summary"] == [{"type": "summary_text", "text": "hm"}] and "content" not in thought
    assert unseal(thought["encrypted_content"]) == "hm"


def test_a_function_call() -> None:
    events: list[Event] = [ToolCallDelta(0, "", "c1", "f"), ToolCallDelta(0, '{"a"'), ToolCallDelta(0, ": 1}")]
    found, _ = stream([Accepted(5), *events, CALLED], tools=TOOLS)
    assert kinds(found)[2:] == [
        "response.output_item.added", "response.function_call_arguments.delta",
        "response.function_call_arguments.delta", "response.function_call_arguments.done",
        "response.output_item.done", "response.completed",
    ]  # fmt: skip
    assert found[2]["item"] == {
        "type": "function_call", "id": "fc_1_0", "call_id": "c1", "name": "f", "arguments": "", "status": "in_progress",
    }  # fmt: skip
    assert "".join(event["delta"] for event in found[3:5]) == found[5]["arguments"] == '{"a": 1}'
    assert found[6]["item"]["arguments"] == '{"a": 1}' and found[6]["item"]["status"] == "completed"


def test_a_custom_tool_call_shows_its_text() -> None:
    found, _ = stream([Accepted(5), *CUSTOM, CALLED], tools=TOOLS)
    assert kinds(found)[2:] == [
        "response.output_item.added", "response.custom_tool_call_input.delta", "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done", "response.output_item.done", "response.completed",
    ]  # fmt: skip
    assert [event["delta"] for event in found[3:5]] == ["a", "\nb"] and found[5]["input"] == "a\nb"
    assert found[6]["item"] == {
        "type": "custom_tool_call", "id": "ctc_1_0", "call_id": "c1", "name": "patch", "input": "a\nb",
        "status": "completed",
    }  # fmt: skip


def test_a_call_of_a_namespace_has_its_own_name_again() -> None:
    events: list[Event] = [Accepted(5), ToolCallDelta(0, "", "c1", "files__read"), ToolCallDelta(0, "{}"), CALLED]
    found, _ = stream(events, tools=TOOLS)
    (item,) = found[-1]["response"]["output"]
    assert (item["name"], item["namespace"]) == ("read", "files")


def test_several_items_are_numbered_and_each_is_ended_before_the_next() -> None:
    found, _ = stream(EVERYTHING, tools=TOOLS)
    output = found[-1]["response"]["output"]
    assert [item["id"] for item in output] == ["rs_1_0", "msg_1_1", "fc_1_2", "ctc_1_3"]
    opened: list[int] = []
    for event in found:
        if event["type"] == "response.output_item.added":
            opened.append(event["output_index"])
        if event["type"] == "response.output_item.done":
            assert event["output_index"] == opened[-1] and event["item"] == output[event["output_index"]]
    assert opened == [0, 1, 2, 3]


def test_the_whole_answer_is_what_the_stream_ends_with() -> None:
    fields: dict[str, Any] = {"input": "x", "tools": TOOLS}
    found, _ = stream(EVERYTHING, tools=TOOLS)
    whole = whole_to_wire(
        from_wire(fields, "resp_1"), {"swarm": {"warnings": ["careful"]}}, candidate_of(EVERYTHING, 0)
    )
    Response.model_validate(whole)
    streamed = found[-1]["response"]
    times = ("created_at", "completed_at")
    assert {k: v for k, v in whole.items() if k not in times} == {k: v for k, v in streamed.items() if k not in times}


def test_a_cut_answer_is_incomplete() -> None:
    found, _ = stream([Accepted(5), TextDelta("we"), Finished("length", Usage(5, 1))])
    assert found[-1]["type"] == "response.incomplete"
    response = found[-1]["response"]
    assert response["status"] == "incomplete" and response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete" and response["completed_at"] is None


def test_a_failure_is_an_event_of_its_own() -> None:
    found, kept = stream([Accepted(5), TextDelta("we")], error=EngineDied("gone"))
    assert found[-1]["type"] == "response.failed"
    assert found[-1]["response"]["error"] == {"code": "server_error", "message": "gone"}
    assert found[-1]["response"]["usage"] is None and kept == []


def test_silence_is_broken_by_a_real_event() -> None:
    writing = ResponseStream(from_wire({"input": "x"}, "resp_1"), lambda _: None)
    (*_, idle) = parsed(b"".join(writing.event(Accepted(5))) + writing.idle())
    assert idle["type"] == "response.in_progress" and idle["sequence_number"] == 2


@pytest.mark.parametrize("events", [[Accepted(0), Finished("stop", Usage(0, 0))]])
def test_nothing_is_a_completed_response(events: list[Event]) -> None:
    found, _ = stream(events)
    assert kinds(found) == [*BEGUN, "response.completed"] and found[-1]["response"]["output"] == []


def test_warnings_are_in_every_response_object() -> None:
    found, _ = stream(EVERYTHING, tools=[*TOOLS, {"type": "web_search"}])
    said = found[0]["response"]["swarm"]["warnings"]
    assert len(said) == 2 and said[1] == "careful" and found[-1]["response"]["swarm"]["warnings"] == said


def test_logprobs() -> None:
    entry = TokenLogprob(b"a", -0.5)
    found, _ = stream([Accepted(1), TextDelta("a", 0, (entry,)), END], top_logprobs=1)
    shown = [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]
    assert found[4]["logprobs"] == found[5]["logprobs"] == shown
    assert found[-1]["response"]["output"][0]["content"][0]["logprobs"] == shown

"""Chat completions through OpenAI's own library: the whole loop of tools, forms, and thoughts."""

import json
from typing import Any

import openai
import pytest
from localswarm.chat import (
    Accepted,
    Finished,
    ResponseFormat,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolChoice,
    Usage,
)
from openai.lib.streaming.chat import ContentDoneEvent, FunctionToolCallArgumentsDoneEvent
from pydantic import BaseModel

from tests.swarm.scripted import ScriptedMember, Step, calls, says

from .conftest import Connect
from .scenes import TOOL, weather

ASK: Any = [{"role": "user", "content": "What is the weather in Bonn?"}]


class City(BaseModel):
    name: str
    people: int


def test_the_whole_loop_of_a_tool(connect: Connect) -> None:
    member = ScriptedMember(weather)
    client, messages = connect(member), list(ASK)
    first = client.chat.completions.create(model="swarm", messages=messages, tools=[TOOL], tool_choice="auto")
    choice = first.choices[0]
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    assert choice.message.tool_calls is not None
    (call,) = choice.message.tool_calls
    assert call.type == "function" and json.loads(call.function.arguments) == {"city": "Bonn"}
    messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    second = client.chat.completions.create(model="swarm", messages=messages, tools=[TOOL])
    assert second.choices[0].message.content == "It is sunny."
    assert second.choices[0].finish_reason == "stop"
    # What came back is what was said: the thought, the call and its result.
    said, told = member.asked[1].messages[1:]
    assert said.thinking == "hm" and said.calls[0].arguments == '{"city": "Bonn"}'
    assert told.results[0].call == call.id and told.results[0].name == "get_weather"
    assert member.asked[0].tools[0].strict


def test_the_whole_loop_streamed(connect: Connect) -> None:
    client = connect(ScriptedMember(weather))
    with client.chat.completions.stream(model="swarm", messages=ASK, tools=[TOOL]) as stream:
        arguments = [one.arguments for one in stream if isinstance(one, FunctionToolCallArgumentsDoneEvent)]
        message = stream.get_final_completion().choices[0].message
    assert arguments == ['{"city": "Bonn"}'] and message.tool_calls is not None
    (call,) = message.tool_calls
    answer: Any = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    said: Any = {"role": "assistant", "content": message.content, "tool_calls": [call.to_dict()]}
    with client.chat.completions.stream(model="swarm", messages=[*ASK, said, answer], tools=[TOOL]) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
    assert text == "It is sunny."


def test_several_calls_streamed_by_hand(connect: Connect) -> None:
    steps: list[Step] = [
        Accepted(5), ToolCallDelta(0, "", "c1", "get_weather"), ToolCallDelta(0, '{"city": "Bonn"}'),
        ToolCallDelta(1, "", "c2", "get_weather"), ToolCallDelta(1, '{"city": '), ToolCallDelta(1, '"Ulm"}'),
        Finished("tool_calls", Usage(5, 9)),
    ]  # fmt: skip
    client = connect(ScriptedMember(steps))
    stream = client.chat.completions.create(
        model="swarm", messages=ASK, tools=[TOOL], stream=True, stream_options={"include_usage": True}
    )
    found: dict[int, list[str]] = {}
    ids, reasons, usage = [], [], None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            reasons += [choice.finish_reason] if choice.finish_reason else []
            for call in choice.delta.tool_calls or []:
                assert call.function is not None
                ids += [call.id] if call.id else []
                found.setdefault(call.index, []).append(call.function.arguments or "")
    assert [json.loads("".join(parts)) for parts in found.values()] == [{"city": "Bonn"}, {"city": "Ulm"}]
    assert (ids, reasons) == (["c1", "c2"], ["tool_calls"])
    assert usage is not None and usage.total_tokens == 14


def test_several_candidates_with_tools(connect: Connect) -> None:
    one = calls("get_weather", "{}")[1:]
    steps: list[Step] = [
        Accepted(5),
        *one,
        ToolCallDelta(0, "", "c2", "get_weather", 1),
        Finished("tool_calls", Usage(5, 1), 1),
    ]
    answer = connect(ScriptedMember(steps)).chat.completions.create(model="swarm", messages=ASK, tools=[TOOL], n=2)
    assert [choice.message.tool_calls[0].id for choice in answer.choices if choice.message.tool_calls] == [
        "call_1",
        "c2",
    ]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "get_weather"}}, ToolChoice("required", ("get_weather",), False)),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TOOL]}},
            ToolChoice("auto", ("get_weather",)),
        ),
    ],
)
def test_each_tool_choice_arrives(connect: Connect, choice: Any, expected: ToolChoice) -> None:
    member = ScriptedMember(says("x"))
    connect(member).chat.completions.create(model="swarm", messages=ASK, tools=[TOOL], tool_choice=choice)
    assert member.asked[0].tool_choice == expected


def test_a_pydantic_class_is_filled(connect: Connect) -> None:
    member = ScriptedMember(says('{"name": "Bonn", ', '"people": 330000}'))
    answer = connect(member).chat.completions.parse(model="swarm", messages=ASK, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Bonn", people=330000)
    form = member.asked[0].response_format
    assert isinstance(form, ResponseFormat) and form.name == "City" and form.strict
    assert form.schema["required"] == ["name", "people"]


def test_a_pydantic_class_is_filled_from_a_stream(connect: Connect) -> None:
    client = connect(ScriptedMember(says('{"name": "Bo', 'nn", "people"', ": 330000}")))
    with client.chat.completions.stream(model="swarm", messages=ASK, response_format=City) as stream:
        done = [event for event in stream if isinstance(event, ContentDoneEvent)]
    assert done[0].parsed == City(name="Bonn", people=330000)


def test_thoughts_are_apart_and_counted(connect: Connect) -> None:
    steps: list[Step] = [Accepted(5), ThinkingDelta("hm"), TextDelta("yes"), Finished("stop", Usage(5, 3, 2, 1))]
    member = ScriptedMember(steps)
    client = connect(member)
    answer = client.chat.completions.create(model="swarm", messages=ASK, reasoning_effort="low")
    message: Any = answer.choices[0].message
    assert (message.reasoning_content, message.content) == ("hm", "yes")
    assert answer.usage is not None and answer.usage.completion_tokens_details is not None
    assert answer.usage.completion_tokens_details.reasoning_tokens == 1
    assert member.asked[0].reasoning.effort == "low"
    stream = client.chat.completions.create(model="swarm", messages=ASK, stream=True)
    deltas: list[Any] = [chunk.choices[0].delta for chunk in stream]
    assert [getattr(delta, "reasoning_content", None) for delta in deltas] == [None, "hm", None, None]


def test_warnings_reach_the_client(connect: Connect) -> None:
    steps: list[Step] = [
        Accepted(5, ("A part of the schema is not enforced.",)),
        TextDelta("x"),
        Finished("stop", Usage(5, 1)),
    ]
    client = connect(ScriptedMember(steps))
    whole: Any = client.chat.completions.create(model="swarm", messages=ASK)
    first: Any = next(iter(client.chat.completions.create(model="swarm", messages=ASK, stream=True)))
    assert whole.swarm["warnings"] == first.swarm["warnings"] == ["A part of the schema is not enforced."]


def test_an_image_for_a_model_that_cannot_see(connect: Connect) -> None:
    client = connect(ScriptedMember(says("x")))
    picture: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(openai.BadRequestError, match="cannot see images"):
        client.chat.completions.create(model="swarm", messages=[{"role": "user", "content": [picture]}])
    assert client.chat.completions.create(model="swarm", messages=ASK).choices[0].message.content == "x"


def test_the_session_of_a_client_arrives(connect: Connect) -> None:
    member = ScriptedMember(says("x"))
    client = connect(member)
    client.chat.completions.create(model="swarm", messages=ASK, extra_headers={"x-session-affinity": "s1"})
    client.chat.completions.create(model="swarm", messages=ASK, prompt_cache_key="s2")
    assert [request.session for request in member.asked] == ["s1", "s2"]

"""Requests for responses: honoured, refused by name, or ignored."""

from typing import Any

import pytest
from localswarm.api.openai.responses.call import Call, from_wire
from localswarm.chat import Message, Reasoning, ResponseFormat, Text, ToolChoice, ToolResult
from localswarm.errors import BadRequest, NotSupported

SHELL = {"type": "function", "name": "shell"}
FILES = {"type": "namespace", "name": "files", "tools": [{"type": "function", "name": "read"}]}


def read(**fields: Any) -> Call:
    return from_wire({"input": "hello"} | fields, "resp_1")


def test_the_least_that_is_needed() -> None:
    call = read()
    assert call.request.messages == (Message("user", (Text("hello"),)),)
    assert (call.request.model, call.stream, call.keep, call.summary, call.sealed) == (
        "swarm",
        False,
        True,
        False,
        False,
    )


def test_everything_that_is_honoured() -> None:
    call = read(
        model="m", instructions="be brief", max_output_tokens=9, temperature=0, top_p=0.5, store=False, stream=True,
        reasoning={"effort": "low", "summary": "auto"}, include=["reasoning.encrypted_content"], prompt_cache_key="k",
        text={"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}, "verbosity": "low"},
        tools=[SHELL], tool_choice="required", parallel_tool_calls=False, metadata={"a": "b"},
    )  # fmt: skip
    request = call.request
    assert [message.role for message in request.messages] == ["system", "user"]
    assert (request.sampling.max_tokens, request.sampling.temperature, request.sampling.top_p) == (9, 0, 0.5)
    assert request.reasoning == Reasoning("low") and request.session == "k"
    assert request.response_format == ResponseFormat({"type": "object"}, "n")
    assert request.tool_choice == ToolChoice("required", (), False)
    assert (call.stream, call.keep, call.summary, call.sealed) == (True, False, True, True)
    assert call.repeated["metadata"] == {"a": "b"} and call.repeated["instructions"] == "be brief"


@pytest.mark.parametrize(
    ("choice", "names", "parallel"),
    [
        ({"type": "function", "name": "shell"}, ("shell",), False),
        ({"type": "function", "name": "read", "namespace": "files"}, ("files__read",), False),
        ({"type": "allowed_tools", "mode": "required", "tools": [SHELL]}, ("shell",), True),
    ],
)
def test_choices_by_name(choice: Any, names: tuple[str, ...], parallel: bool) -> None:
    call = read(tools=[SHELL, FILES], tool_choice=choice)
    assert call.request.tool_choice == ToolChoice("required", names, parallel)
    assert call.repeated["parallel_tool_calls"] is True


def test_a_conversation_goes_on_from_an_earlier_one() -> None:
    history = [
        {"role": "user", "content": "call"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    result = {"type": "function_call_output", "call_id": "c", "output": "done"}
    call = from_wire({"input": [result]}, "resp_2", history)
    assert [message.role for message in call.request.messages] == ["user", "assistant", "tool"]
    assert call.request.messages[-1].parts == (ToolResult("c", "done", "f"),)
    assert call.items == (result,)


def test_the_instructions_of_the_earlier_one_are_not_carried_over() -> None:
    call = from_wire({"input": "x", "instructions": "new"}, "resp_2", [{"role": "user", "content": "before"}])
    assert [message.text for message in call.request.messages] == ["new", "before", "x"]


@pytest.mark.parametrize(
    ("fields", "empty"),
    [
        ({"input": []}, True),
        ({"input": [], "instructions": "x", "tools": [SHELL]}, True),
        ({"input": ""}, False),
        ({}, False),
    ],
)
def test_a_request_for_nothing(fields: dict[str, Any], empty: bool) -> None:
    assert read(**fields).empty is empty


@pytest.mark.parametrize(
    ("fields", "logprobs"),
    [
        ({}, None),
        ({"top_logprobs": 2}, 2),
        ({"top_logprobs": 0}, None),
        ({"include": ["message.output_text.logprobs"]}, 0),
    ],
)
def test_logprobs(fields: dict[str, Any], logprobs: int | None) -> None:
    assert read(**fields).request.sampling.logprobs == logprobs


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"background": True}, "background"), ({"conversation": "conv_1"}, "conversation"), ({"prompt": {}}, "prompt")],
)
def test_what_is_not_honoured_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(NotSupported) as refused:
        read(**fields)
    assert refused.value.param == name


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"input": None}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["x"]}, "input[0]"),
        ({"instructions": []}, "instructions"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"text": "json"}, "text"),
        ({"text": {"format": {"type": "x"}}}, "text.format.type"),
        ({"text": {"verbosity": 5}}, "text.verbosity"),
        ({"reasoning": {"summary": "long"}}, "reasoning.summary"),
        ({"include": "all"}, "include"),
        ({"include": [5]}, "include[0]"),
        ({"metadata": []}, "metadata"),
        ({"store": "no"}, "store"),
        ({"truncation": "some"}, "truncation"),
        ({"tool_choice": {"type": "function", "name": "f"}}, "tool_choice.name"),
        ({"tool_choice": {"type": "web_search"}}, "tool_choice.type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"max_tool_calls": "x"}, "max_tool_calls"),
        ({"previous_response_id": 5}, "previous_response_id"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name

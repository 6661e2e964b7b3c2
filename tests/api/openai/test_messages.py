"""Messages from the wire: every role in every form that agents send, and what is wrong by name."""

import time
from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.messages import read
from localswarm.chat import Image, Message, Text, Thinking, ToolCall, ToolResult
from localswarm.errors import BadRequest, NotSupported

PIXEL = "data:image/png;base64,AAAA"
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
PICTURE = {"type": "image_url", "image_url": {"url": PIXEL}}
EMPTY = {"name": "f", "arguments": ""}
THOUGHT = Message("assistant", (Thinking("hm"), Text("x")))
ASKED = {"role": "assistant", "content": None, "tool_calls": [CALL]}


def messages(*wire: dict[str, Any]) -> tuple[Message, ...]:
    return read(Fields({"messages": list(wire)}))[0]


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({"role": "developer", "content": "x"}, Message("system", (Text("x"),))),
        ({"role": "user", "content": "x", "name": "me"}, Message("user", (Text("x"),))),
        ({"role": "user", "content": []}, Message("user", ())),
        (
            {"role": "user", "content": [{"type": "text", "text": "x"}, PICTURE]},
            Message("user", (Text("x"), Image(PIXEL))),
        ),
        ({"role": "assistant"}, Message("assistant", ())),
        ({"role": "assistant", "content": ""}, Message("assistant", (Text(""),))),
        ({"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}, Message("assistant", (Text("no"),))),
        ({"role": "assistant", "content": None, "refusal": "no"}, Message("assistant", (Text("no"),))),
        ({"role": "assistant", "content": "x", "reasoning_content": "hm"}, THOUGHT),
        ({"role": "assistant", "content": "x", "reasoning": "hm"}, THOUGHT),
        (ASKED, Message("assistant", (ToolCall("c1", "f", '{"a": 1}'),))),
        (
            {"role": "assistant", "content": "x", "tool_calls": [{"id": "c", "function": EMPTY}]},
            Message("assistant", (Text("x"), ToolCall("c", "f", "{}"))),
        ),
        (
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            Message("assistant", (ToolCall("call_f", "f", "{}"),)),
        ),
    ],
)  # fmt: skip
def test_each_form(wire: dict[str, Any], message: Message) -> None:
    assert messages(wire) == (message,)


@pytest.mark.parametrize("content", ["done", [{"type": "text", "text": "do"}, {"type": "text", "text": "ne"}]])
def test_a_tool_result_knows_the_name_of_its_call(content: Any) -> None:
    found = messages(ASKED, {"role": "tool", "tool_call_id": "c1", "content": content})
    assert found[1] == Message("tool", (ToolResult("c1", "done", "f"),))


def test_an_older_function_result_belongs_to_the_last_call_of_its_name() -> None:
    asked = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    found = messages(asked, {"role": "function", "name": "f", "content": "done"})
    assert found[1] == Message("tool", (ToolResult("call_f", "done", "f"),))


@pytest.mark.parametrize("broken", ["{", "[1]", "words", '"text"', '{"a":' * 100_000])
def test_broken_arguments_of_earlier_calls_are_kept_as_text_with_a_warning(broken: str) -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": broken}}
    (message,), warnings = read(Fields({"messages": [{"role": "assistant", "tool_calls": [call]}]}))
    assert message.calls[0].arguments.startswith('{"text": ')
    assert "messages[0].tool_calls[0].function.arguments" in warnings[0]


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ([{"role": "tool", "tool_call_id": "c1", "content": "x"}], "messages[0].tool_call_id"),
        ([ASKED, {"role": "tool", "tool_call_id": "c2", "content": "x"}], "messages[1].tool_call_id"),
        ([ASKED, {"role": "tool", "content": "x"}], "messages[1].tool_call_id"),
        ([ASKED, {"role": "tool", "tool_call_id": "c1"}], "messages[1].content"),
        ([{"role": "function", "name": "f", "content": "x"}], "messages[0].name"),
        ([{"role": "assistant", "tool_calls": {}}], "messages[0].tool_calls"),
        ([{"role": "assistant", "tool_calls": [5]}], "messages[0].tool_calls[0]"),
        ([{"role": "assistant", "tool_calls": [{"id": "c"}]}], "messages[0].tool_calls[0].function"),
        ([{"role": "assistant", "tool_calls": [{"function": {}}]}], "messages[0].tool_calls[0].id"),
        ([{"role": "assistant", "tool_calls": [{"id": "c", "function": {"arguments": "{}"}}]}],
         "messages[0].tool_calls[0].function.name"),
        ([{"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {}}}]}],
         "messages[0].tool_calls[0].function.arguments"),
        ([{"role": "assistant", "content": "x", "reasoning_content": 5}], "messages[0].reasoning_content"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}],
         "messages[0].content[0].image_url.url"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages[0].content[0].image_url"),
        ([{"role": "user", "content": "x", "name": 5}], "messages[0].name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(wire: list[Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        messages(*wire)
    assert refused.value.param == name
    assert name in refused.value.message


def test_a_custom_call_is_refused_by_name() -> None:
    with pytest.raises(NotSupported) as refused:
        messages({"role": "assistant", "tool_calls": [{"id": "c", "type": "custom", "custom": {}}]})
    assert refused.value.param == "messages[0].tool_calls[0].type"


def test_ten_thousand_messages_are_read_in_less_than_a_second() -> None:
    turn: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
        ASKED,
        {"role": "tool", "tool_call_id": "c1", "content": "y"},
    ]
    began = time.process_time()
    assert len(messages(*turn * 4000)) == 12_000
    assert time.process_time() - began < 1

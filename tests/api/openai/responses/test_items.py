"""Items become messages: those of one turn become one again."""

import time
from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.responses.items import Reading, read
from localswarm.api.openai.responses.sealed import seal
from localswarm.chat import Image, Message, Text, Thinking, ToolCall, ToolResult
from localswarm.errors import BadRequest

THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "well"}]}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "c1", "output": "done"}
F = ToolCall("c1", "f", "{}")


def reading(*items: Any) -> Reading:
    return read(Fields({"input": list(items)}).listed("input") or [])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"role": "user", "content": "x"}, Message("user", (Text("x"),))),
        ({"type": "message", "role": "developer", "content": "x"}, Message("system", (Text("x"),))),
        ({"role": "user", "content": [{"type": "input_text", "text": "x"}]}, Message("user", (Text("x"),))),
        (
            {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,AA"}]},
            Message("user", (Image("data:image/png;base64,AA"),)),
        ),
        (SAID, Message("assistant", (Text("well"),))),
        (THOUGHT, Message("assistant", (Thinking("hm"),))),
        ({"type": "reasoning", "encrypted_content": seal("hm")}, Message("assistant", (Thinking("hm"),))),
        (
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            Message("assistant", (Thinking("hm"),)),
        ),
        (CALL, Message("assistant", (F,))),
        (CALL | {"namespace": "n"}, Message("assistant", (ToolCall("c1", "n__f", "{}"),))),
        (
            {"type": "custom_tool_call", "call_id": "c1", "name": "p", "input": 'a "b"'},
            Message("assistant", (ToolCall("c1", "p", '{"input": "a \\"b\\""}'),)),
        ),
    ],
)
def test_each_item(item: Any, message: Message) -> None:
    assert reading(item).messages == [message]


def test_thoughts_text_and_calls_of_one_turn_are_one_message() -> None:
    found = reading({"role": "user", "content": "x"}, THOUGHT, SAID, CALL, CALL | {"call_id": "c2"}, RESULT).messages
    assert [message.role for message in found] == ["user", "assistant", "tool"]
    assert found[1].parts == (Thinking("hm"), Text("well"), F, ToolCall("c2", "f", "{}"))


def test_two_turns_in_a_row_stay_two_messages() -> None:
    assert [m.text for m in reading(SAID, SAID).messages] == ["well", "well"]
    assert [m.parts for m in reading(SAID, THOUGHT, CALL).messages] == [(Text("well"),), (Thinking("hm"), F)]


@pytest.mark.parametrize("kind", ["function_call_output", "custom_tool_call_output"])
@pytest.mark.parametrize("output", ["done", [{"type": "input_text", "text": "done"}]])
def test_results(kind: str, output: Any) -> None:
    found = reading(CALL, {"type": kind, "call_id": "c1", "output": output}).messages
    assert found[1] == Message("tool", (ToolResult("c1", "done", "f"),))


def test_tools_declared_on_the_way() -> None:
    found = reading({"type": "additional_tools", "role": "developer", "tools": [{"type": "custom", "name": "p"}]})
    assert [tool.needed("name") for tool in found.tools] == ["p"] and not found.messages


def test_thoughts_that_another_server_sealed_are_nothing() -> None:
    assert reading({"type": "reasoning", "summary": [], "encrypted_content": "gAAAAA"}).messages == []


def test_items_of_hosted_tools_are_left_out_with_a_warning() -> None:
    found = reading({"type": "web_search_call", "id": "ws_1"}, SAID)
    assert len(found.messages) == 1 and "web_search_call" in found.warnings[0]


@pytest.mark.parametrize(
    ("items", "name"),
    [
        ([{}], "input[0].type"),
        ([{"role": "king", "content": "x"}], "input[0].role"),
        ([{"type": "message", "content": "x"}], "input[0].role"),
        ([{"role": "user"}], "input[0].content"),
        ([{"role": "user", "content": [{"type": "input_file"}]}], "input[0].content[0].type"),
        ([{"type": "function_call", "name": "f", "arguments": "{}"}], "input[0].call_id"),
        ([{"type": "function_call", "call_id": "c", "arguments": "{}"}], "input[0].name"),
        ([{"type": "function_call", "call_id": "c", "name": "f", "arguments": {}}], "input[0].arguments"),
        ([{"type": "custom_tool_call", "call_id": "c", "name": "f"}], "input[0].input"),
        ([RESULT], "input[0].call_id"),
        ([CALL, {"type": "function_call_output", "call_id": "c1"}], "input[1].output"),
        ([{"type": "reasoning", "summary": "hm"}], "input[0].summary"),
    ],
)
def test_what_is_wrong_is_named(items: list[Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        reading(*items)
    assert refused.value.param == name


def test_ten_thousand_items_are_read_in_less_than_a_second() -> None:
    began = time.process_time()
    assert len(reading(*[{"role": "user", "content": "x"}, CALL, RESULT] * 4000).messages) == 12_000
    assert time.process_time() - began < 1

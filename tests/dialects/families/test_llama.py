"""Llama's calls."""

from localswarm.chat import Message, Text, ToolCall, ToolResult
from localswarm.dialects.families.llama import FAMILY

from .reading import accepted, call, read

CALL = '{"name": "get_weather", "parameters": {"city": "Paris"}}'


def test_what_is_enforced() -> None:
    assert accepted(FAMILY, CALL)
    assert not accepted(FAMILY, CALL.replace("parameters", "arguments"))
    assert not accepted(FAMILY, f"{CALL}; {CALL}")


def test_it_is_read_with_and_without_its_tag() -> None:
    for text in (CALL, f"<|python_tag|>{CALL}"):
        assert read(FAMILY, text, range(400)) == call("get_weather", '{"city": "Paris"}')


def test_a_message_has_one_call_and_its_result_behind_it() -> None:
    first, second = ToolCall("a", "now", "{}"), ToolCall("b", "get_weather", '{"city": "Ulm"}')
    turns = FAMILY.turns(
        [
            Message("user", (Text("Hi"),)),
            Message("assistant", (first, second)),
            Message("tool", (ToolResult("a", "noon"), ToolResult("b", "rain"))),
            Message("assistant", (Text("Rain."),)),
        ]
    )
    assert [turn["role"] for turn in turns] == ["user", "assistant", "tool", "assistant", "tool", "assistant"]
    assert [turn["content"] for turn in turns if turn["role"] == "tool"] == ["noon", "rain"]
    assert all(len(turn.get("tool_calls", [0])) == 1 for turn in turns)

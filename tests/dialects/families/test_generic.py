"""The form that models without a tool template are taught."""

import pytest
from localswarm.chat import Message, Text, ToolCall, ToolResult
from localswarm.dialects.families.generic import FAMILY, taught, untaught

from .reading import CONVERSATION, accepted, call, read

CALL = 'TOOL: get_weather\nARGUMENTS: {"city": "Paris"}'
NOW = "TOOL: now\nARGUMENTS: {}"


@pytest.mark.parametrize("text", [CALL, NOW, f"{CALL}\n{NOW}"])
def test_what_is_enforced(text: str) -> None:
    assert accepted(FAMILY, text)


@pytest.mark.parametrize("text", [CALL[:-1], CALL.replace("get_", ""), "TOOL: now", f"{CALL} {NOW}", f"{CALL}\n"])
def test_nothing_else_is_possible(text: str) -> None:
    assert not accepted(FAMILY, text)


def test_it_is_read() -> None:
    assert read(FAMILY, CALL) == call("get_weather", '{"city": "Paris"}')


def test_history_is_shown_in_the_same_form() -> None:
    turns = FAMILY.turns(CONVERSATION)
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert turns[2]["content"] == 'TOOL: get_weather\nARGUMENTS: {"city": "Zürich", "days": 2}'
    assert turns[3]["content"] == 'RESULT of get_weather:\n{"sky": "grey"}'


def test_the_lesson_is_part_of_the_system_message() -> None:
    assert taught(CONVERSATION, "Learn.")[0].text == "Be brief.\n\nLearn."
    assert [message.text for message in taught([Message("user", (Text("Hi"),))], "Learn.")] == ["Learn.", "Hi"]


def test_without_calls_their_results_and_what_was_said_beside_them_stay() -> None:
    messages = [
        Message("user", (Text(""),)),
        Message("assistant", (Text("I look."), ToolCall("1", "ls", "{}"))),
        Message("tool", (ToolResult("1", "a.py"), ToolResult("2", "b.py", "find"))),
        Message("assistant", (ToolCall("3", "ls", "{}"),)),
    ]
    assert untaught(messages) == [
        messages[0],
        Message("assistant", (Text("I look."),)),
        Message("tool", (ToolResult("1", "a.py", "ls"), ToolResult("2", "b.py", "find"))),
    ]

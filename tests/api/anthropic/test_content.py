"""Blocks become parts, and everything that is said reaches the model once."""

from typing import Any

import pytest
from localswarm.api.anthropic.content import conversation
from localswarm.api.fields import Fields
from localswarm.chat import Image, Message, Text, Thinking, ToolCall, ToolResult

USE = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "ä.txt"}}
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}


def read(*messages: tuple[str, Any], system: Any = None) -> list[Message]:
    wire = [{"role": role, "content": content} for role, content in messages]
    return list(conversation(Fields({"messages": wire, "system": system})))


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said, "cache_control": {"type": "ephemeral"}}


def test_a_whole_round_of_a_tool() -> None:
    thought = {"type": "thinking", "thinking": "read it", "signature": "abc"}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [text("one"), text("two")], "is_error": True}
    assert read(
        ("user", "go"), ("assistant", [thought, text("I look."), USE]), ("user", [text("and?"), result, text("now")])
    ) == [
        Message("user", (Text("go"),)),
        Message("assistant", (Thinking("read it"), Text("I look."), ToolCall("t1", "Read", '{"path": "ä.txt"}'))),
        Message("tool", (ToolResult("t1", "one\ntwo", "Read", failed=True),)),
        Message("user", (Text("and?\nnow"),)),
    ]


def test_a_result_without_content_is_an_empty_one() -> None:
    asked = read(("assistant", [USE]), ("user", [{"type": "tool_result", "tool_use_id": "t1"}]))
    assert asked[-1] == Message("tool", (ToolResult("t1", "", "Read"),))


def test_pictures_in_a_result_follow_it() -> None:
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [text("see"), PICTURE]}
    asked = read(("assistant", [USE]), ("user", [result]))
    assert asked[1:] == [
        Message("tool", (ToolResult("t1", "see", "Read"),)),
        Message("user", (Image("data:image/png;base64,AAAA"),)),
    ]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"type": "document", "source": {"type": "text", "data": "body"}}, "body"),
        (
            {"type": "document", "title": "T", "source": {"type": "content", "content": [text("a"), text("b")]}},
            "T\na\nb",
        ),
        ({"type": "search_result", "title": "T", "source": "http://x", "content": [text("a")]}, "T\nhttp://x\na"),
    ],
)
def test_documents_are_text(block: dict[str, Any], said: str) -> None:
    assert read(("user", [block])) == [Message("user", (Text(said),))]


def test_an_image_by_its_address() -> None:
    block = {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}
    assert read(("user", [text("look"), block])) == [Message("user", (Text("look"), Image("https://x/y.png")))]


def test_traces_of_anthropics_servers_are_left_out() -> None:
    blocks = [
        {"type": "redacted_thinking", "data": "x"},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
        text("found"),
    ]
    assert read(("assistant", blocks)) == [Message("assistant", (Text("found"),))]


@pytest.mark.parametrize("role", ["system", "user"])
def test_system_messages_are_taken_where_they_stand(role: str) -> None:
    asked = read(("user", "a"), (role, [text("b")]))
    assert [(message.role, message.text) for message in asked] == [("user", "a"), (role, "b")]


BILLING = "x-anthropic-billing-header: cc_version=2.1.197.1c0; cc_entrypoint=cli; cch=%s;"


@pytest.mark.parametrize("system", [None, "", [], [text("")], [text(BILLING % "0a1b2")]])
def test_no_system_prompt_is_no_message(system: Any) -> None:
    assert read(("user", "a"), system=system) == [Message("user", (Text("a"),))]


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ("be brief", "be brief"),
        ([text("be"), text("brief")], "be\nbrief"),
        ([text(BILLING % "0a1b2"), text("be brief")], "be brief"),
        (BILLING % "ff" + "\nbe brief", "be brief"),
        (BILLING % "ff" + "be brief", "be brief"),
        ([text("see x-anthropic-billing-header: a=b;")], "see x-anthropic-billing-header: a=b;"),
    ],
)
def test_the_line_on_billing_is_no_part_of_the_system_prompt(system: Any, said: str) -> None:
    assert read(("user", "a"), system=system)[0] == Message("system", (Text(said),))

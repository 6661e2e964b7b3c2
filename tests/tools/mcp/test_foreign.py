"""What an MCP server says is bounded and made ours, whatever it says."""

from typing import Any

import pytest
from localswarm.chat import Image
from localswarm.tools.arguments import arguments
from localswarm.tools.mcp.foreign import LARGEST_IMAGE, LONGEST_TEXT, output, own_name, tool
from localswarm.tools.registry import Registry, ToolUnusable
from localswarm.tools.tool import Arguments, Output, Scope, ToolFailed

from .raw_server import nested

DOT = {"type": "image", "data": "iVBORw0=", "mimeType": "image/png"}


async def nothing(arguments: Arguments, scope: Scope) -> Output:
    return Output("")


@pytest.mark.parametrize(
    ("name", "ours"),
    [("log", "git_log"), ("a/b.c d", "git_a_b_c_d"), ("ü\x1b[1m", "git____1m"), ("x" * 80, "git_" + "x" * 60)],
)
def test_names(name: str, ours: str) -> None:
    assert own_name("git", name) == ours


def test_what_is_offered_asks_and_is_plain() -> None:
    said = {"name": "log", "description": "\x1b[31mShows the log." + "x" * 5000, "inputSchema": {}}
    made = tool("git", said, nothing)
    assert (made.name, made.default, made.schema) == ("git_log", "ask", {"type": "object"})
    assert made.description.startswith("Shows the log.") and len(made.description) == 1000


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (7, "no name"),
        ({"inputSchema": {}}, "no name"),
        ({"name": "a"}, "not one of an object"),
        ({"name": "a", "inputSchema": {"type": "array"}}, "not one of an object"),
        ({"name": "a", "inputSchema": nested(200)}, "nested more than 32"),
        ({"name": "a", "inputSchema": {"$ref": "file:///etc/passwd"}}, "another document"),
        ({"name": "a", "inputSchema": {"properties": {"b": {"type": 5}}}}, "git_a is none"),
        ({"name": "a", "inputSchema": {"description": "x" * 20_000}}, "longer than"),
    ],
)
def test_what_is_left_out(said: Any, why: str) -> None:
    with pytest.raises(ToolUnusable, match=why):
        tool("git", said, nothing)


@pytest.mark.parametrize(
    "property",
    [{"type": "string", "pattern": "(a+)+$"}, {"$ref": "#/nowhere"}, {"$ref": "#"}],
    ids=["slow", "dangling", "endless"],
)
def test_its_schema_is_told_and_held_to_by_the_server_alone(property: dict[str, Any]) -> None:
    made = tool("git", {"name": "a", "inputSchema": {"properties": {"a": property}}}, nothing)
    assert arguments(made, '{"a": "' + "a" * 60 + '!"}') == {"a": "a" * 60 + "!"}
    with pytest.raises(ToolFailed):
        arguments(made, "[1]")


def test_two_servers_never_take_each_others_names() -> None:
    registry, one = Registry([]), tool("a", {"name": "b_c", "inputSchema": {}}, nothing)
    other = tool("a_b", {"name": "c", "inputSchema": {}}, nothing)
    assert registry.replace("a", [one]) == [] and "Two tools are called a_b_c" in registry.replace("a_b", [other])[0]
    registry.replace("a_b", [])
    assert registry.find("a_b_c") is one


@pytest.mark.parametrize(
    ("content", "structured", "said"),
    [
        ([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}], None, "one\ntwo"),
        ([{"type": "text", "text": "\x1b[2Jred\ud800"}], None, "red?"),
        ([], {"a": 1}, '{"a": 1}'),
        ([{"type": "text", "text": "1"}], {"a": 1}, "1"),
        ([{"type": "resource", "resource": {"uri": "a:b", "text": "inside"}}], None, "inside"),
        ([{"type": "resource_link", "uri": "file:///x"}], None, "file:///x"),
        ([{"type": "audio", "data": "AAAA"}], None, "[audio, which cannot be shown here]"),
        ([DOT | {"data": "no base64"}], None, "[image, which cannot be shown here]"),
        ([DOT | {"data": "A" * (LARGEST_IMAGE + 4)}], None, "[image, which cannot be shown here]"),
        ([DOT | {"mimeType": "image/svg+xml"}], None, "[image, which cannot be shown here]"),
        ([1, "text", None, {"type": "text"}], None, "[text, which cannot be shown here]"),
    ],
)
def test_results(content: list[Any], structured: Any, said: str) -> None:
    assert output(content, structured, failed=False) == Output(said)


def test_pictures_and_long_texts() -> None:
    assert output([DOT] * 9, None, failed=False).images == (Image("data:image/png;base64,iVBORw0="),) * 4
    long = output([{"type": "text", "text": "x" * 10**6}], None, failed=True)
    assert long.failed and len(long.content) < LONGEST_TEXT + 100 and "934464 more characters" in long.content

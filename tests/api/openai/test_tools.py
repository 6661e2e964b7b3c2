"""Tools and the choice among them, from the wire."""

from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.tools import Tools, read
from localswarm.chat import ToolChoice, ToolSpec
from localswarm.errors import BadRequest, NotSupported

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def function(name: Any = "f", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name} | more}


def tools(**fields: Any) -> Tools:
    return read(Fields(fields))


TWO = [function("f"), function("g")]


def test_a_function_with_everything() -> None:
    found = tools(tools=[function("f", description="d", parameters=SCHEMA, strict=True)])
    assert found.specs == (ToolSpec("f", "d", SCHEMA, True),)
    assert found.choice == ToolChoice("auto", (), True) and not found.legacy


@pytest.mark.parametrize("missing", [{}, {"parameters": None}])
def test_a_function_that_says_nothing_takes_nothing(missing: dict[str, Any]) -> None:
    nothing = {"type": "object", "properties": {}, "additionalProperties": False}
    assert tools(tools=[function("f", **missing)]).specs == (ToolSpec("f", "", nothing),)
    assert tools(functions=[{"name": "f"} | missing]).specs == (ToolSpec("f", "", nothing),)


def test_a_schema_that_says_nothing_is_left_as_it_is() -> None:
    assert tools(tools=[function("f", parameters={})]).specs[0].schema == {}


@pytest.mark.parametrize("name", ["a", "mcp__files__read-file", "a.b", "x" * 128])
def test_names_that_are_fine(name: str) -> None:
    assert tools(tools=[function(name)]).specs[0].name == name


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice("auto")),
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "function": {"name": "g"}}, ToolChoice("required", ("g",), parallel=False)),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [function("g")]}},
            ToolChoice("auto", ("g",)),
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": TWO}},
            ToolChoice("required", ("f", "g")),
        ),
    ],
)
def test_each_choice(choice: Any, expected: ToolChoice) -> None:
    assert tools(tools=TWO, tool_choice=choice).choice == expected


def test_one_call_at_a_time() -> None:
    assert tools(tools=TWO, parallel_tool_calls=False).choice == ToolChoice("auto", (), False)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (None, ToolChoice("auto", (), False)),
        ("none", ToolChoice("none", (), False)),
        ({"name": "f"}, ToolChoice("required", ("f",), False)),
    ],
)
def test_the_older_form(wish: Any, expected: ToolChoice) -> None:
    found = tools(functions=[{"name": "f", "parameters": SCHEMA}], function_call=wish)
    assert found == Tools((ToolSpec("f", "", SCHEMA),), expected, True)


def test_tools_that_others_would_run_are_left_out_with_a_warning() -> None:
    found = tools(tools=[{"type": "web_search"}, function("f")])
    assert [one.name for one in found.specs] == ["f"]
    assert "web_search" in found.warnings[0]


def test_a_custom_tool_is_refused_with_the_place_where_it_works() -> None:
    with pytest.raises(NotSupported, match="/v1/responses"):
        tools(tools=[{"type": "custom", "custom": {"name": "f"}}])


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"tools": "x"}, "tools"),
        ({"tools": ["x"]}, "tools[0]"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": [function("")]}, "tools[0].function.name"),
        ({"tools": [function("a b")]}, "tools[0].function.name"),
        ({"tools": [function("f\n")]}, "tools[0].function.name"),
        ({"tools": [function("x" * 129)]}, "tools[0].function.name"),
        ({"tools": [function(5)]}, "tools[0].function.name"),
        ({"tools": [function("f", description=5)]}, "tools[0].function.description"),
        ({"tools": [function("f", parameters=[])]}, "tools[0].function.parameters"),
        ({"tools": [function("f", strict="yes")]}, "tools[0].function.strict"),
        ({"tools": [function("f"), function("f")]}, "tools"),
        ({"tools": [function(f"f{at}") for at in range(513)]}, "tools"),
        ({"functions": [{"name": "f"}, {"name": "f"}]}, "functions"),
        ({"functions": [{"name": "f"}], "function_call": {"name": "g"}}, "function_call.name"),
        ({"functions": [{"name": "f"}], "function_call": "always"}, "function_call"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": 5}, "tool_choice"),
        ({"tool_choice": {}}, "tool_choice.type"),
        ({"tool_choice": {"type": "mcp"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice.function.name"),
        ({"tools": TWO, "tool_choice": {"type": "function", "function": {"name": "h"}}}, "tool_choice.function.name"),
        ({"tools": TWO, "tool_choice": {"type": "function", "function": {}}}, "tool_choice.function.name"),
        ({"tools": TWO, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}},
         "tool_choice.allowed_tools.tools"),
        ({"tools": TWO, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "x", "tools": TWO}}},
         "tool_choice.allowed_tools.mode"),
        ({"tools": TWO, "tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": [function("h")]}}},
         "tool_choice.allowed_tools.tools[0].function.name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        tools(**fields)
    assert refused.value.param == name
    assert name in refused.value.message

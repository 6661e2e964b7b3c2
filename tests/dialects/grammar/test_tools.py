"""Tools: cleaned, with warnings that name them, and kept."""

import time
from typing import Any

import pytest
from localswarm.chat import ResponseFormat, ToolSpec
from localswarm.dialects.grammar.tools import clean, clean_answer
from localswarm.errors import BadRequest

from .schemas import load


def test_warnings_name_the_tool() -> None:
    pattern = {"type": "object", "properties": {"when": {"type": "string", "pattern": "(?=a)"}}}
    tools, warnings = clean([ToolSpec("plain"), ToolSpec("clock", schema=pattern, strict=True)])
    assert warnings == ("Tool clock: properties.when.pattern is not enforced",)
    assert [tool.schema["type"] for tool in tools] == ["object", "object"]
    assert tools[1].strict


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": ["array", "null"]}, {"type": "integer", "enum": [1]}])
def test_parameters_must_be_an_object(schema: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="Tool 'f'"):
        clean([ToolSpec("f", schema=schema)])


@pytest.mark.parametrize(
    "schema", [{}, {"type": None}, {"type": ["object", "null"]}, {"type": "OBJECT"}, {"type": "dict"}]
)
def test_arguments_are_an_object(schema: dict[str, Any]) -> None:
    assert clean([ToolSpec("f", schema=schema)])[0][0].schema["type"] == "object"


def test_contradiction_names_the_tool() -> None:
    schema = {"type": "object", "properties": {"x": False}, "required": ["x"]}
    with pytest.raises(BadRequest, match="Tool 'f': No value satisfies"):
        clean([ToolSpec("f", schema=schema)])


def test_answer() -> None:
    assert clean_answer(ResponseFormat({})) == ({"type": "object"}, ())
    with pytest.raises(BadRequest) as caught:
        clean_answer(ResponseFormat({"type": "integer", "minimum": 2, "maximum": 1}))
    assert caught.value.param == "response_format"


def test_second_time_is_free() -> None:
    long = "What this tool is for, at the length at which agents explain it. " * 25
    tools = [ToolSpec(name, long, schema | {"description": long}) for name, schema in list(load("agents").items())[:10]]
    first, _ = clean(tools)
    began = time.perf_counter()
    again, _ = clean(tools)
    # Measured: 0.1 ms. A busy machine may be slower, but not by this much.
    assert time.perf_counter() - began < 0.01
    assert all(one.schema is other.schema for one, other in zip(first, again, strict=True))

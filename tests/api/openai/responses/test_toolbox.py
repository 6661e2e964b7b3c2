"""Tools in all the forms that codex sends become functions, and their names find the way back."""

from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.responses.toolbox import CUSTOM_SCHEMA, Declared, Toolbox, read
from localswarm.chat import TextForm, ToolSpec
from localswarm.errors import BadRequest

SCHEMA = {"type": "object", "properties": {}}
SHELL = {"type": "function", "name": "shell", "description": "d", "parameters": SCHEMA, "strict": True}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Patches.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: /x/"},
}
FILES = {"type": "namespace", "name": "mcp__files__", "tools": [{"type": "function", "name": "read"}]}


def box(*tools: Any) -> Toolbox:
    return read(Fields({"tools": list(tools)}).listed("tools") or [])


def test_a_function() -> None:
    found = box(SHELL)
    assert found.specs == (ToolSpec("shell", "d", SCHEMA, True),)
    assert found.of("shell") == Declared("function", "shell") == box().of("shell")


def test_a_custom_tool_is_a_function_of_one_text_and_shows_its_grammar() -> None:
    found = box(PATCH)
    form = TextForm("lark", "start: /x/")
    assert found.specs == (ToolSpec("apply_patch", "Patches.\nstart: /x/", CUSTOM_SCHEMA, form=form),)
    assert found.of("apply_patch") == Declared("custom", "apply_patch")
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ({"type": "grammar", "syntax": "regex", "definition": "x+"}, TextForm("regex", "x+")),
        ({"type": "grammar", "definition": "start: X"}, TextForm("lark", "start: X")),
        ({"type": "grammar", "grammar": {"syntax": "regex", "definition": "x"}}, TextForm("regex", "x")),
    ],
)
def test_a_grammar_in_every_form(form: Any, read: TextForm) -> None:
    (found,) = box(PATCH | {"format": form}).specs
    assert found.form == read


@pytest.mark.parametrize("form", [None, {"type": "text"}])
def test_a_custom_tool_of_any_text(form: Any) -> None:
    (found,) = box(PATCH | {"format": form}).specs
    assert found.form is None and found.description == "Patches."


@pytest.mark.parametrize(("space", "known"), [("mcp__files__", "mcp__files__read"), ("files", "files__read")])
def test_tools_of_a_namespace_have_one_long_name(space: str, known: str) -> None:
    found = box(FILES | {"name": space})
    assert [one.name for one in found.specs] == [known]
    assert found.of(known) == Declared("function", "read", space)


def test_a_custom_tool_in_a_namespace() -> None:
    found = box({"type": "namespace", "name": "n", "tools": [PATCH]})
    assert found.of("n__apply_patch") == Declared("custom", "apply_patch", "n")
    assert found.specs[0].form is not None


def test_hosted_tools_are_left_out_with_one_warning_each() -> None:
    found = box({"type": "web_search"}, {"type": "web_search"}, {"type": "image_generation"}, SHELL)
    assert [one.name for one in found.specs] == ["shell"]
    assert [warning.split('"')[1] for warning in found.warnings] == ["web_search", "image_generation"]


@pytest.mark.parametrize(
    ("tools", "name"),
    [
        ([{}], "tools[0].type"),
        ([{"type": "function"}], "tools[0].name"),
        ([SHELL | {"name": "a b"}], "tools[0].name"),
        ([SHELL | {"parameters": 5}], "tools[0].parameters"),
        ([SHELL, SHELL], "tools"),
        ([SHELL, PATCH | {"name": "shell"}], "tools"),
        ([FILES, FILES], "tools"),
        ([{"type": "namespace", "name": "n", "tools": 5}], "tools[0].tools"),
        ([{"type": "namespace", "name": "n", "tools": [{"type": "web_search"}]}], "tools[0].tools[0].type"),
        ([PATCH | {"format": 5}], "tools[0].format"),
        ([PATCH | {"format": {"type": "xml"}}], "tools[0].format.type"),
        ([PATCH | {"format": {"type": "grammar"}}], "tools[0].format.definition"),
        ([PATCH | {"format": {"type": "grammar", "syntax": "ebnf", "definition": "x"}}], "tools[0].format.syntax"),
    ],
)
def test_what_is_wrong_is_named(tools: list[Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        box(*tools)
    assert refused.value.param == name

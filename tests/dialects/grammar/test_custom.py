"""Texts that a client gave a grammar for are held to it, in JSON as well as between tags."""

import json

import pytest
from localswarm.chat import TextForm, ToolSpec
from localswarm.dialects.grammar import custom
from localswarm.dialects.grammar.lark import json_value
from localswarm.dialects.grammar.patterns import matches

from .test_regular import PATCH
from .vocabulary import Vocabulary

SCHEMA = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
GOOD = "*** Begin\n*** Update: a.py\n@@\n-x = \"\\n\"\n+y = 'é' / 2\t# \\\\ \n*** End\n"


def tool(syntax: str, definition: str) -> ToolSpec:
    return ToolSpec("patch", "Patches.", SCHEMA, form=TextForm(syntax, definition))  # type: ignore[arg-type]


def pattern_of(one: ToolSpec) -> str:
    (found,), words = custom.held([one])
    assert words == ()
    return str(found.schema["properties"]["input"]["pattern"])


def test_a_grammar_in_lark() -> None:
    pattern = pattern_of(tool("lark", PATCH))
    assert matches(pattern, GOOD) and not matches(pattern, GOOD[1:]) and not matches(pattern, f"{GOOD}!")
    assert SCHEMA["properties"] == {"input": {"type": "string"}}, "what the model is shown stays as it is"


@pytest.mark.parametrize("definition", [r"\d{3}-[a-z]+", r"^\d{3}-[a-z]+$"])
def test_an_expression(definition: str) -> None:
    pattern = pattern_of(tool("regex", definition))
    assert matches(pattern, "123-ab") and not matches(pattern, "x 123-ab") and not matches(pattern, "123-ab y")


def test_an_escaped_dollar_is_no_anchor() -> None:
    assert matches(pattern_of(tool("regex", r"\d+\$")), "5$")


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (tool("lark", 'start: "(" start? ")"'), "'start' is defined by itself"),
        (tool("regex", "(?=x)y"), "is not known here"),
        (tool("regex", "("), "is not known here"),
        (tool("regex", "(x{1,50}){1,50}{1,50}y"), "takes too long"),
        (tool("regex", "x" * 30_000), "takes too long"),
    ],
)
def test_what_cannot_be_enforced_is_said(one: ToolSpec, why: str) -> None:
    (found,), (word,) = custom.held([one])
    assert found == one
    assert word.startswith("Tool patch: its grammar is shown to the model, but not enforced: ") and why in word


def test_tools_without_a_grammar_stay_as_they_are() -> None:
    assert custom.held([ToolSpec("a", schema=SCHEMA)]) == ((ToolSpec("a", schema=SCHEMA),), ())


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_model_writes_is_of_the_form(vocabulary: Vocabulary, seed: int) -> None:
    """With a real vocabulary, in whose tokens one and another line end and begin."""
    (held,), _ = custom.held([tool("lark", PATCH.replace("/(.+)/", "/[a-z.]+/").replace("/(.*)/", "/[ -~]*/"))])
    said = vocabulary.walk(f"start: {json_value(held.schema)}", seed)
    if said is not None:
        assert matches(held.schema["properties"]["input"]["pattern"], json.loads(said)["input"])

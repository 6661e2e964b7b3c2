"""How Lark is written."""

import pytest
from llguidance import LLMatcher
from localswarm.dialects.grammar.lark import Special, json_value, literal, marked, resolved


def special(name: str) -> int | bool | None:
    return {"<a>": True, "[B]": 7, "[C]": True}.get(name)


@pytest.mark.parametrize(
    "text", ["plain", 'quo"te', "new\nline", "back\\slash", "é 你 🙂", "\x07", "a/b //c #d", "%json {"]
)
def test_literal(text: str) -> None:
    assert LLMatcher.validate_grammar(f"start: {literal(text)}") == ""


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("x", '"x"'),
        ("<a>", "<a>"),
        ("<b>", '"<b>"'),
        ("x<a>y", '("x" <a> "y")'),
        ("<a>[B]", "(<a> <[7]>)"),
        # Without an id there is no way to write it.
        ("[C]", '"[C]"'),
    ],
)
def test_marked(text: str, expression: str) -> None:
    assert marked(text, special) == expression


@pytest.mark.parametrize(
    ("rules", "written"),
    [
        ('call: "<a>x" A', 'call: (<a> "x") A'),
        ("call: <a> <b>", 'call: <a> "<b>"'),
        ('call: %json {"const": "<a>"} "<a>"', 'call: %json {"const": "<a>"} <a>'),
        ('text[suffix="<a>"]: /<a>[^"]/', 'text[suffix="<a>"]: /<a>[^"]/'),
        ("call: <[12]>", "call: <[12]>"),
        ('// "<a>"\ncall: "<a>"', '// "<a>"\ncall: <a>'),
        ('call: "\\"<b>\\""', 'call: "\\"<b>\\""'),
    ],
)
def test_resolved(rules: str, written: str) -> None:
    assert resolved(rules, special) == written


def test_without_control_tokens_nothing_changes() -> None:
    none: Special = lambda name: None  # noqa: E731
    assert resolved('call: "<a>x" /b/', none) == 'call: "<a>x" /b/'


def test_part_takes_its_definitions_along() -> None:
    root = {"$defs": {"n": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/n"}}}
    assert LLMatcher.validate_grammar(f"start: {json_value({'$ref': '#/$defs/n'}, root)}") == ""

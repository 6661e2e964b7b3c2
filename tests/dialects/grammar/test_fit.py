"""Relaxing: the smallest loss, and the place is named."""

from typing import Any

import pytest
from localswarm.dialects.grammar import cost
from localswarm.dialects.grammar.fit import fit

from .test_schema import of, part

TWO_SHAPES = [{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"a": {}, "b": {}}}]


@pytest.mark.parametrize(
    ("sent", "fitted", "warning"),
    [
        ({"type": "string", "pattern": "^a+$"}, {"type": "string", "pattern": "^a+$"}, None),
        (
            {"type": "string", "pattern": "(?=a)", "minLength": 2},
            {"type": "string", "minLength": 2},
            "pattern is not enforced",
        ),
        (
            {"type": "string", "pattern": "(.{0,200}c.{0,200}d){1,50}"},
            {"type": "string"},
            "pattern takes too long and is not enforced",
        ),
        (
            {"type": "integer", "multipleOf": 10**9},
            {"type": "integer"},
            "multipleOf takes too long and is not enforced",
        ),
        ({"oneOf": TWO_SHAPES}, {"anyOf": TWO_SHAPES}, "oneOf is enforced as anyOf"),
        (
            {
                "type": "object",
                "properties": {"a": {}, "b": {}, "c": {}},
                "additionalProperties": False,
                "minProperties": 2,
            },
            {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "additionalProperties": False},
            "minProperties is not enforced",
        ),
    ],
)
def test_step(sent: Any, fitted: Any, warning: str | None) -> None:
    found = fit(of(sent))
    assert part(found.schema) == fitted
    assert found.warnings == ((f"properties.x.{warning}",) if warning else ())


def test_only_the_refused_place() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "(?=a)"}, "b": {"type": "string", "pattern": "^b$"}},
    }
    found = fit(schema)
    assert found.schema["properties"] == {"a": {"type": "string"}, "b": {"type": "string", "pattern": "^b$"}}


def test_in_recursive_definitions_too() -> None:
    node = of({"type": "string", "pattern": "(?!a)"}) | {"$ref": "#/$defs/node"}
    node = {
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": "(?!a)"}, "next": {"$ref": "#/$defs/node"}},
    }
    found = fit(of({"$ref": "#/$defs/node"}, **{"$defs": {"node": node}}))
    assert found.schema["$defs"]["node"]["properties"] == {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}}
    assert found.warnings == ("$defs.node.properties.name.pattern is not enforced",)


def test_too_large_is_cut() -> None:
    leaves = {f"q{n}": {"enum": [f"value-{n}-{m}" for m in range(100)]} for n in range(30)}
    found = fit(
        {"type": "object", "properties": {f"p{n}": {"type": "object", "properties": leaves} for n in range(40)}}
    )
    assert cost.compiles(found.schema)
    assert found.warnings == ("The schema is enforced only 2 levels deep",)


def test_kept() -> None:
    assert fit(of({"type": "string"})) is fit(of({"type": "string"}))


@pytest.mark.parametrize(
    ("pattern", "cheap"),
    [
        ("^[a-z]{1,63}(\\.[a-z]{1,63}){0,10}$", True),
        ("^.{0,10000}x$", True),
        ("^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", True),
        ("(a.{0,100}){20}b", False),
        ("^(([a-z0-9-]{0,40}[a-z]){0,40}x){0,40}$", False),
    ],
)
def test_cost_of_patterns(pattern: str, cheap: bool) -> None:
    assert cost.pattern_is_cheap(pattern) is cheap

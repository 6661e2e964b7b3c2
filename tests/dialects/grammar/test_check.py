"""Judging values that were not enforced."""

from typing import Any

import pytest
from localswarm.dialects.grammar.check import problems
from localswarm.dialects.grammar.schema import clean

SCHEMA = clean(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$"},
            "size": {"enum": [1, 2]},
            "next": {"$ref": "#"},
        },
        "patternProperties": {"^x-": {"type": "integer"}},
        "required": ["name"],
    }
).schema


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"name": "a"}, []),
        ({"name": "a", "size": 1, "x-y": 3, "next": {"name": "b"}}, []),
        ({}, ["'name' is a required property"]),
        ({"name": "A"}, ["name: 'A' does not match '^[a-z]+$'"]),
        ({"name": "a", "size": 3}, ["size: 3 is not one of [1, 2]"]),
        ({"name": "a", "x-y": "z"}, ["x-y: 'z' is not of type 'integer'"]),
        ({"name": "a", "other": 1}, ["There is no property 'other'"]),
        ({"name": "a", "next": {}}, ["next: 'name' is a required property"]),
        ("text", ["'text' is not of type 'object'"]),
    ],
)
def test_problems(value: Any, found: list[str]) -> None:
    assert problems(value, SCHEMA) == found


@pytest.mark.parametrize(
    ("value", "right"), [(9.7, True), (9.705, False), (3, True), (True, True), (float("inf"), False)]
)
def test_multiples_are_decimal(value: Any, right: bool) -> None:
    assert (problems(value, {"multipleOf": 0.01}) == []) is right


def test_few_and_short() -> None:
    many = problems({f"property{n}": "x" * 1000 for n in range(100)}, SCHEMA)
    assert len(many) == 8
    assert all(len(problem) <= 200 for problem in many)


def test_hostile_pattern_is_quick() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$"}
    assert problems("a" * 5000 + "b", schema)


def test_bottomless_value() -> None:
    value: dict[str, Any] = {"name": "a"}
    for _ in range(3000):
        value = {"name": "a", "next": value}
    assert problems(value, SCHEMA) == ["The value is nested too deeply."]

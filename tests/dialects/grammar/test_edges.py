"""Exclusive bounds: what is excluded cannot be written."""

from itertools import product
from typing import Any

import pytest
from llguidance import LLMatcher
from localswarm.dialects.grammar.check import problems
from localswarm.dialects.grammar.fit import fit
from localswarm.dialects.grammar.lark import json_value
from localswarm.dialects.grammar.patterns import byte_tokenizer

NUMBERS = ("0", "-0", "0.0005", "0.0000009", "0.001", "1", "1.0", "1.2", "1.0001", "-1", "-1.2", "0.3", "0.25", "-0.25")


@pytest.mark.parametrize(
    ("sent", "fitted", "warnings"),
    [
        (
            {"exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
            {"exclusiveMaximum": 0.001, "minimum": 1e-06},
            ("exclusiveMinimum is enforced as a minimum of 1e-06",),
        ),
        (
            {"minimum": -1.5, "exclusiveMaximum": -1},
            {"minimum": -1.5, "maximum": -1.0001},
            ("exclusiveMaximum is enforced as a maximum of -1.0001",),
        ),
        (
            {"exclusiveMinimum": 10**15, "maximum": 10**15 + 0.5},
            {"maximum": 10**15 + 0.5},
            ("exclusiveMinimum is not enforced",),
        ),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"exclusiveMinimum": 0, "exclusiveMaximum": 1}, ()),
        ({"exclusiveMinimum": 0}, {"exclusiveMinimum": 0}, ()),
    ],
)
def test_a_bound_is_moved_only_where_it_leaks(sent: Any, fitted: Any, warnings: tuple[str, ...]) -> None:
    found = fit({"type": "number", **sent})
    assert found.schema == {"type": "number", **fitted}
    assert found.warnings == warnings


BOUNDS = (-1.5, -1, -0.25, 0, 0.001, 0.3, 1, 1.25)


@pytest.mark.parametrize(("low", "high"), [pair for pair in product(BOUNDS, BOUNDS) if pair[0] < pair[1]])
def test_no_excluded_number_can_be_written(low: float, high: float) -> None:
    schema = {"type": "number", "exclusiveMinimum": low, "exclusiveMaximum": high}
    matcher = LLMatcher(byte_tokenizer(), f"start: {json_value(fit(schema).schema)}", log_level=0)
    written = [text for text in NUMBERS if _writes(matcher.deep_copy(), text)]
    assert [text for text in written if problems(float(text), schema)] == []


def _writes(matcher: LLMatcher, text: str) -> bool:
    tokens = byte_tokenizer().tokenize_bytes(text.encode())
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()

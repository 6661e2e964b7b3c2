"""Whatever a model writes under the mask parses, and satisfies the schema as the client sent it."""

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from localswarm.dialects.grammar.check import problems
from localswarm.dialects.grammar.fit import fit
from localswarm.dialects.grammar.lark import json_value
from localswarm.dialects.grammar.schema import clean

from .schemas import load
from .vocabulary import Vocabulary

WALKS = 2
RIGHT = {
    f"{group}/{name}": schema
    for group in ("agents", "mcp", "structures", "drafts")
    for name, schema in load(group).items()
}
SLOPPY = {f"sloppy/{name}": schema for name, schema in load("sloppy").items()}
SCHEMAS = RIGHT | SLOPPY


def enforceable(schema: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    cleaned = clean(schema)
    fitted = fit(cleaned.schema)
    return fitted.schema, cleaned.warnings + fitted.warnings


def walked(vocabulary: Vocabulary, schema: dict[str, Any]) -> list[Any]:
    grammar = f"start: {json_value(schema)}"
    texts = [vocabulary.walk(grammar, seed) for seed in range(WALKS)]
    return [json.loads(text) for text in texts if text is not None]


@pytest.mark.parametrize("name", SCHEMAS)
def test_walk(vocabulary: Vocabulary, name: str) -> None:
    schema, warnings = enforceable(SCHEMAS[name])
    values = walked(vocabulary, schema)
    assert values, "no walk came to an end"
    for value in values:
        assert problems(value, schema) == []
        if name in RIGHT and not warnings:
            draft = Draft4Validator if "draft-4" in name else Draft202012Validator
            assert list(draft(RIGHT[name]).iter_errors(value)) == []


@pytest.mark.parametrize(("group", "whole"), [("agents", 23), ("mcp", 24), ("structures", 41), ("drafts", 25)])
def test_enforced_to_the_letter(group: str, whole: int) -> None:
    """All that agents, MCP servers and most others send; `drafts` is full of what cannot be enforced."""
    without_warning = [name for name, schema in load(group).items() if not enforceable(schema)[1]]
    assert len(without_warning) == whole

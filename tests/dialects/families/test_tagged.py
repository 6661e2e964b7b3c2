"""Which type a value has, and what becomes of one that is written as plain text."""

from typing import Any

import pytest
from localswarm.chat import Message, ToolCall
from localswarm.dialects.families import deepseek, gemma, glm, gpt_oss, mistral, qwen3_coder
from localswarm.dialects.families.tagged import EVERY_KIND, as_json, kinds
from localswarm.dialects.family import Family

from .reading import PENDING, rendered

ROOT = {"$defs": {"name": {"type": "string"}, "loop": {"$ref": "#/$defs/loop"}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"string"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"integer", "null"}),
        ({"oneOf": [{"const": True}, {"enum": ["auto", 3, 0.5]}]}, {"boolean", "string", "integer", "number"}),
        ({"enum": [None, {}, []]}, {"null", "object", "array"}),
        ({"$ref": "#/$defs/name"}, {"string"}),
        ({"$ref": "#/$defs/loop"}, EVERY_KIND),
        ({"$ref": "#/$defs/nowhere"}, EVERY_KIND),
        ({}, EVERY_KIND),
    ],
)
def test_kinds(schema: dict[str, Any], expected: set[str]) -> None:
    assert kinds(schema, ROOT) == expected


@pytest.mark.parametrize(
    ("text", "may_be_text", "expected"),
    [
        ("12", False, "12"),
        (" [1, 2]\n", False, "[1, 2]"),
        ("None", False, "null"),
        ("twelve", False, '"twelve"'),
        ('"x"', False, '"x"'),
        ('"x"', True, '"\\"x\\""'),
        ("12", True, "12"),
        ("a\nb", True, '"a\\nb"'),
        ("NaN", False, '"NaN"'),
        ("[" * 100_000, False, '"' + "[" * 100_000 + '"'),
    ],
    ids=["number", "array", "Python", "word", "text", "quoted", "number or text", "lines", "no number", "too deep"],
)
def test_as_json(text: str, may_be_text: bool, expected: str) -> None:
    assert as_json(text, may_be_text) == expected


@pytest.mark.parametrize("arguments", ['{"city": "Zür', "[1]", '"Zürich"', ""])
@pytest.mark.parametrize(
    ("family", "template"),
    [
        (qwen3_coder.FAMILY, "Qwen3-Coder"),
        (qwen3_coder.THINKING, "Qwen3.5-4B"),
        (glm.FAMILY, "GLM-4.6"),
        (deepseek.TAGS, "deepseek-ai-DeepSeek-V3.2"),
        (deepseek.FAMILY, "deepseek-ai-DeepSeek-V3.1"),
        (gemma.FAMILY, "google-gemma-4-31B-it"),
        (gpt_oss.FAMILY, "openai-gpt-oss-120b"),
        (mistral.LIST, "mistralai-Mistral-Nemo-Instruct-2407"),
        (mistral.FAMILY, "unsloth-mistral-Devstral-Small-2507"),
    ],
)
def test_a_call_that_was_cut_off_can_be_shown(family: Family, template: str, arguments: str) -> None:
    broken = Message("assistant", (ToolCall(PENDING[3].results[0].call, "get_weather", arguments),))
    prompt = rendered(family, template, [*PENDING[:2], broken, PENDING[3]])
    assert "get_weather" in prompt and "grey" in prompt

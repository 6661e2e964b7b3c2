"""Hermes' calls in ChatML."""

import pytest
from localswarm.dialects.families.chatml import FAMILY

from .reading import accepted, call, read, rendered

CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
NOW = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'


@pytest.mark.parametrize("text", [CALL, NOW, f"{CALL}\n{NOW}"])
def test_what_is_enforced_is_what_the_template_writes(text: str) -> None:
    assert accepted(FAMILY, text)


@pytest.mark.parametrize(
    "text",
    [
        CALL[:-1],
        CALL.replace("get_weather", "get"),
        CALL.replace("city", "town"),
        CALL.replace('"Paris"', "1"),
        CALL.replace("arguments", "parameters"),
        f"{CALL} {NOW}",
    ],
)
def test_nothing_else_is_possible(text: str) -> None:
    assert not accepted(FAMILY, text)


def test_the_template_shows_calls_as_they_are_enforced() -> None:
    for template in ("Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B"):
        prompt = rendered(FAMILY, template)
        assert (
            '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}\n</tool_call>' in prompt
        )
        assert '<tool_response>\n{"sky": "grey"}\n</tool_response>' in prompt


def test_it_is_read() -> None:
    assert read(FAMILY, CALL) == call("get_weather", '{"city": "Paris"}')

"""The many names of how much a model shall think."""

from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.thinking import read
from localswarm.chat import Reasoning
from localswarm.errors import BadRequest


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Reasoning()),
        ({"reasoning_effort": "none"}, Reasoning("none")),
        ({"reasoning_effort": "low"}, Reasoning("low")),
        ({"reasoning_effort": "xhigh"}, Reasoning("high")),
        ({"reasoning": {"effort": "minimal", "summary": "auto"}}, Reasoning("minimal")),
        ({"reasoning": {"max_tokens": 50}}, Reasoning(None, 50)),
        ({"reasoning": {"enabled": False}}, Reasoning("none")),
        ({"reasoning_effort": "low", "reasoning": {"effort": "high"}}, Reasoning("low")),
        ({"chat_template_kwargs": {"enable_thinking": False}}, Reasoning("none")),
        ({"chat_template_kwargs": {"enable_thinking": True}}, Reasoning("medium")),
        ({"chat_template_kwargs": {"other": 1}}, Reasoning()),
        ({"enable_thinking": False}, Reasoning("none")),
        ({"thinking_budget": 0}, Reasoning(None, 0)),
        ({"max_thinking_tokens": 9, "reasoning_effort": "high"}, Reasoning("high", 9)),
    ],
)
def test_each_name(fields: dict[str, Any], expected: Reasoning) -> None:
    assert read(Fields(fields)) == expected


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"reasoning_effort": 5}, "reasoning_effort"),
        ({"reasoning": "low"}, "reasoning"),
        ({"reasoning_effort": "low", "reasoning": {"effort": 5}}, "reasoning.effort"),
        ({"reasoning": {"max_tokens": -1}}, "reasoning.max_tokens"),
        ({"chat_template_kwargs": {"enable_thinking": "no"}}, "chat_template_kwargs.enable_thinking"),
        ({"chat_template_kwargs": []}, "chat_template_kwargs"),
        ({"thinking_budget": "5"}, "thinking_budget"),
        ({"max_thinking_tokens": 1.5}, "max_thinking_tokens"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(Fields(fields))
    assert refused.value.param == name

"""Thinking apart from the answer."""

import pytest
from localswarm.chat import Reasoning
from localswarm.dialects.family import Thought
from localswarm.dialects.thinking import Thoughts, ends_inside, partial_length, wishes

THOUGHT = Thought("<think>", "</think>")


def split(text: str, thinking: bool = False, thought: Thought | None = THOUGHT, size: int = 1) -> tuple[str, str]:
    thoughts = Thoughts(thought, thinking)
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    stretches = [stretch for part in parts for stretch in thoughts.feed(part)] + thoughts.finish()
    told = ["".join(text for inside, text in stretches if inside is kind) for kind in (True, False)]
    return told[0], told[1]


@pytest.mark.parametrize(
    ("text", "thinking", "expected"),
    [
        ("<think>a</think>b", False, ("a", "b")),
        ("\n<think>\na \n c\n</think>\n\nb", False, ("a \n c", "\n\nb")),
        ("a</think>b", True, ("a", "b")),
        ("b <think>a</think>", False, ("", "b <think>a</think>")),
        ("<think>a</think><think>c</think>b", False, ("ac", "b")),
        ("<think>a", False, ("a", "")),
        ("<think>a</thi", False, ("a</thi", "")),
        ("<thi", False, ("", "<thi")),
        ("<b>", False, ("", "<b>")),
    ],
)
def test_it_is_told_apart_in_any_pieces(text: str, thinking: bool, expected: tuple[str, str]) -> None:
    for size in (1, 2, 3, 50):
        assert split(text, thinking, size=size) == expected


def test_a_model_that_does_not_think_says_everything() -> None:
    assert split("<think>a</think>b", thought=None) == ("", "<think>a</think>b")


def test_the_prompt_may_end_inside() -> None:
    assert ends_inside("Assistant: <think>\n", THOUGHT)
    assert not ends_inside("Assistant: <think>\n\n</think>\n\n", THOUGHT)
    assert not ends_inside("Assistant: <think>\n", None)


@pytest.mark.parametrize(
    ("reasoning", "expected"),
    [
        (Reasoning(), {}),
        (Reasoning("none"), {"enable_thinking": False, "thinking": False, "reasoning_effort": "low"}),
        (Reasoning(budget=0), {"enable_thinking": False, "thinking": False, "reasoning_effort": "low"}),
        (Reasoning(budget=99), {"enable_thinking": True, "thinking": True}),
        (Reasoning("minimal"), {"enable_thinking": True, "thinking": True, "reasoning_effort": "low"}),
        (Reasoning("high"), {"enable_thinking": True, "thinking": True, "reasoning_effort": "high"}),
    ],
)
def test_templates_are_told_under_all_names(reasoning: Reasoning, expected: dict[str, object]) -> None:
    assert wishes(reasoning) == expected


def test_the_end_may_become_a_marker() -> None:
    assert [partial_length(text, ("<think>", "```")) for text in ("a<th", "a``", "a", "", "<think>")] == [3, 2, 0, 0, 0]

"""Texts that are cut."""

import pytest
from localswarm.engines.pieces import opens, pieces


@pytest.mark.parametrize(
    ("text", "cuts", "expected"),
    [
        ("abc", (), ["abc"]),
        ("abc", (1,), ["a", "bc"]),
        ("abc", (2, 1, 2), ["a", "b", "c"]),
        ("abc", (0, 3, 9), ["abc"]),
        ("", (), [""]),
        ("", (1,), [""]),
    ],
)
def test_pieces(text: str, cuts: tuple[int, ...], expected: list[str]) -> None:
    assert pieces(text, cuts) == expected


@pytest.mark.parametrize(("text", "bos", "expected"), [("<s>a", "<s>", True), ("a", "<s>", False), ("a", "", False)])
def test_a_prompt_that_opens_itself(text: str, bos: str, expected: bool) -> None:
    assert opens(text, bos) is expected

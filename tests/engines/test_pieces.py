"""Texts that are cut."""

import pytest
from localswarm.engines.pieces import before_markers, opens, pieces


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


@pytest.mark.parametrize(
    ("text", "every", "places"),
    [
        ("", 1, []),
        ("no marker", 1, []),
        ("<a>x<b>y<a>z", 1, [4, 8]),
        ("<a>x<b>y<a>z", 2, [8]),
        ("<a>x<b>y<a>z", 3, []),
        ("<a><a>|<a>", 1, [3, 7]),
        ("<a>><a>", 1, [4]),
    ],
)
def test_cuts_before_markers(text: str, every: int, places: list[int]) -> None:
    """The longest marker that begins at a place is the one that is there."""
    markers = ["<a>", "<b>", "<a>>", "<c>"]
    assert before_markers(text, markers, every) == places
    assert "".join(pieces(text, before_markers(text, markers, every))) == text

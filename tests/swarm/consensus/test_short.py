"""Short answers, and the final ones of longer texts."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from localswarm.swarm.consensus.short import answer, canonical, marked

SAME = [
    ["42", "42.", "42.0", "**42**", "The answer is 42.", "Answer: 42", "**Answer:** 42", "$42$", "$42.00", "42 dollars",
     "Three eggs are left.\n\nThe final answer is **42**. I hope that helps!", "x = 42", "So she pays **$42** in all."],
    ["She sells 16 - 3 - 4 = 9 eggs every day. She sells 9 * $2 = $18 every day at the farmers' market.", "18",
     "First 9 * 2 = 18.\nSo, in all she makes $18.00 every day at the farmers' market, which is what was asked."],
    ["1,000", "1000", "1e3"],
    ["50%", "50 %", "50.0%", "\\(50\\%\\)"],
    ["3/4", "0.75", "\\frac{3}{4}", ".75"],
    ["2024-03-05", "March 5, 2024", "Answer: 5 March 2024"],
    ["The cat.", "a cat", "Cat", "'cat'"],
    ["San Francisco, CA", "san francisco,ca"],
    ["B", "(B)", "b)", "The correct answer is (B)."],
    ["Answer: \\text{Monday}", "monday"],
]  # fmt: skip
DIFFERENT = [
    ["17", "19", "-17", "17%", "17 km", "1.7", "170"], ["C", "C++", "C#"], ["A", "B"], ["yes", "no", "not yes"],
    ["main.py", "main py"], ["03/05/2024", "2024-03-05", "2024-05-03"], ["10^2", "102"], ["J. Smith", "J. Doe"],
    [".5", "5"], ["1/3", "0.33"],
]  # fmt: skip


@pytest.mark.parametrize("texts", SAME, ids=lambda texts: texts[0])
def test_the_same_in_other_words(texts: list[str]) -> None:
    assert {text: answer(text) for text in texts} == dict.fromkeys(texts, answer(texts[0]))
    assert answer(texts[0])


@pytest.mark.parametrize("texts", DIFFERENT, ids=lambda texts: texts[0])
def test_what_is_not_the_same_stays_apart(texts: list[str]) -> None:
    assert len({answer(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She has 3 + 4 = 7.\n#### 7", "7"),
        ("#### 3\nNo, wait.\n#### 1,007.", "1007"),
        ("so $\\boxed{\\frac{1}{2}}$ it is, as we have seen above", "0.5"),
        ("\\boxed{17} then", "17"),
        ("\\boxed{17", None),
        ("#### Usage\nRun it.", None),
        ("#### ", None),
        ("# A heading\nand words", None),
    ],
)
def test_a_marked_answer_is_found_wherever_it_stands(text: str, found: str | None) -> None:
    assert marked(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The sky is blue because air scatters the short waves of light more than it scatters the long ones.",
        "First this.\nThen that.",
        "**Note**: this takes a while, since every file has to be read and then be written again by the tool.",
        "So you need Python 3, which you will find on the page of downloads for the system that you are using now.",
        "It depends: the answer to this depends on many things that I cannot know from what you have told me.",
    ],
)
def test_prose_has_no_short_answer(text: str) -> None:
    assert answer(text) is None


@given(st.text(max_size=60) | st.text("0123456789.,-$%/ aAthe()*'", max_size=20))
@example("a a the")
@example("$ 5 dollars usd")
@example("..5")
@example("0/,1")
def test_the_canonical_text_is_its_own(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_two_numbers_are_never_the_same(one: int, other: int) -> None:
    said = [f"The answer is {one}.", f"#### {other}"]
    assert (canonical(str(one)) == canonical(str(other))) == (one == other)
    assert (answer(said[0]) == marked(said[1])) == (one == other)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("rest", ["." * 50_000, "_" * 50_000, "!*" * 25_000])
def test_a_row_of_marks_takes_no_longer_than_other_texts(rest: str) -> None:
    assert answer(f"1 + 1 = 2 {rest}x") == "2"
    assert answer(f"**a** {rest}x") is None

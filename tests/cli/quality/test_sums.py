"""The number that a text ends with."""

import pytest
from localswarm.cli.quality.question import Number
from localswarm.cli.quality.sums import question, right, said


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("18", "18"),
        ("She has 3 + 4 = 7 apples.\nSo the answer is 7.", "7"),
        ("So the answer is $1,234.50.", "1234.5"),
        ("The answer is **12** because 3 times 4 is 12, and not 13.", "12"),
        ("The answer is 5. No: the answer is 6.", "6"),
        ("#### 70,000", "70000"),
        ("It is \\boxed{-3}, as 4-7 says.", "-3"),
        ("Answer: x = 0.50", "0.5"),
        ("10-5 is left", "5"),
        ("It was .5 of it", "0.5"),
        ("0.00", "0"),
        ("1000", "1000"),
        ("The answer is seven. There are 3 of 7.", "7"),
        ("no number", None),
        ("", None),
    ],
)
def test_said(text: str, number: str | None) -> None:
    assert said(text) == number


def test_a_question() -> None:
    line = {"id": "sums_1", "question": "How many?", "answer": "2 + 2 = <<2+2=4>>4\n#### 1,004"}
    asked = question(line, "Q: {question}\nGo.")
    assert asked.body["messages"] == [{"role": "user", "content": "Q: How many?\nGo."}]
    assert asked.wanted == Number("1004")
    assert right("So the answer is 1004.00", Number("1004")) and not right("1005", Number("1004"))

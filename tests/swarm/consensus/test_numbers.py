"""Numbers and dates as they are written, in one exact text each."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localswarm.swarm.consensus.numbers import day, exact, number, numbers_in


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("42", "42"), ("042", "42"), ("42.0", "42"), ("1,000", "1000"), ("1,234,567.50", "1234567.5"), ("-0", "0"),
        ("-5", "-5"), ("+5", "5"), (".5", "0.5"), ("1e3", "1000"), ("2.5E-2", "0.025"), ("3/4", "0.75"),
        ("1/3", "1/3"), ("2/6", "1/3"), ("-3 / 4", "-0.75"), ("0.1", "0.1"), ("12345678901234567890",) * 2,
        ("1/0", None), ("1,00", None), ("1,0000", None), ("1.2.3", None), ("5 km", None), ("", None), ("-", None),
        ("1e999", None), ("9" * 50, None), ("NaN", None),
    ],
)  # fmt: skip
def test_a_number_has_one_text(text: str, read: str | None) -> None:
    assert number(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024-03-05", "2024-03-05"), ("2024/3/5", "2024-03-05"), ("March 5, 2024", "2024-03-05"),
        ("Mar. 5th 2024", "2024-03-05"), ("5 March 2024", "2024-03-05"), ("the 5th", None),
        ("5th of March 2024", "2024-03-05"), ("13/05/2024", "2024-05-13"), ("05/13/2024", "2024-05-13"),
        ("5/5/2024", "2024-05-05"), ("03/05/2024", None),
        ("30 February 2024", None), ("99/99/2024", None), ("Monday 5, 2024", None),
    ],
)  # fmt: skip
def test_a_date_is_read_where_it_can_mean_one_day_only(text: str, read: str | None) -> None:
    assert day(text) == read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from 17 to 19", ["17", "19"]),
        ("pay $1,000.00 now", ["1000"]),
        ("at -3 degrees", ["-3"]),
        ("pages 3-5", ["3", "5"]),
        ("no number", []),
    ],
)
def test_the_numbers_of_a_text(text: str, found: list[str]) -> None:
    assert list(numbers_in(text)) == found


@given(st.fractions())
def test_the_text_of_a_number_is_exactly_that_number(value: Fraction) -> None:
    assert Fraction(exact(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_what_was_read_is_read_as_the_same_again(value: object) -> None:
    read = number(str(value))
    assert read is not None
    assert number(read) == read

"""Numbers and dates as they are written, in one exact text each. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

# Longer ones are text: exact arithmetic with them takes long, and nobody means it.
LONGEST = 40
PLAIN = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+"
NUMBER = re.compile(rf"([+-]?)({PLAIN})(?:[eE]([+-]?[0-9]{{1,2}}))?")
FRACTION = re.compile(r"([+-]?)([0-9]+) ?/ ?([0-9]+)")
# Inside a text: a sign counts only where it stands before a number and behind nothing.
INSIDE = re.compile(rf"(?<![\w.,/-])-?(?:{PLAIN})|(?:{PLAIN})")

MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"),
        start=1,
    )
    for length in (3, len(name))
} | {"sept": 9}  # fmt: skip
YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
MONTH_FIRST = re.compile(r"([a-z]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})", re.I)
DAY_FIRST = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)\.?,? ([0-9]{4})", re.I)


def number(text: str) -> str | None:
    """`1,000.50` as 1000.5, `3/4` as 0.75, `1/3` as it is; None where it is not one number alone."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if found := FRACTION.fullmatch(text):
        sign, above, below = found.groups()
        return exact(Fraction(int(f"{sign}{above}"), int(below))) if int(below) else None
    if found := NUMBER.fullmatch(text):
        sign, digits, power = found.groups()
        return exact(Fraction(Decimal(f"{sign}{digits.replace(',', '')}e{power or 0}")))
    return None


def exact(value: Fraction) -> str:
    """As a decimal where it is one."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else digits
    return f"-{whole}" if value < 0 else whole


def numbers_in(text: str) -> Iterator[str]:
    for found in INSIDE.findall(text):
        yield number(found) or found


def day(text: str) -> str | None:
    """A date as ISO, where it can be read in one way only: 13/05/2024 is one, 03/05/2024 is not."""
    text = text.strip()
    if found := YEAR_FIRST.fullmatch(text):
        return _iso(*found.groups())
    if found := YEAR_LAST.fullmatch(text):
        one, two, year = found.groups()
        readings = {_iso(year, one, two), _iso(year, two, one)} - {None}
        return readings.pop() if len(readings) == 1 else None
    if found := MONTH_FIRST.fullmatch(text):
        month, of_month, year = found.groups()
        return _iso(year, MONTHS.get(month.lower(), 0), of_month)
    if found := DAY_FIRST.fullmatch(text):
        of_month, month, year = found.groups()
        return _iso(year, MONTHS.get(month.lower(), 0), of_month)
    return None


def _iso(year: str, month: str | int, of_month: str) -> str | None:
    try:
        return date(int(year), int(month), int(of_month)).isoformat()
    except ValueError:
        return None

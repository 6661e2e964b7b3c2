"""A question whose right answer is known, and an answer to it."""

from dataclasses import dataclass
from typing import Any

# Calls by name, each with the values that are right for each argument; "" means that it may be left out.
Truth = list[dict[str, dict[str, list[Any]]]]


@dataclass(frozen=True, slots=True)
class Calls:
    """Exactly these are right; where there are none, to call nothing is."""

    truth: Truth


@dataclass(frozen=True, slots=True)
class Number:
    """As text, with nothing but digits, sign and point."""

    digits: str


@dataclass(frozen=True, slots=True)
class Asserts:
    """Python statements that all hold."""

    lines: tuple[str, ...]


Wanted = Calls | Number | Asserts


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    set: str
    body: dict[str, Any]  # of a chat request, without who is to answer
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    calls: tuple[Call | None, ...] = ()  # None: its arguments are no object

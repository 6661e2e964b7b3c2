"""What became of one question, asked in each of the ways."""

from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["one", "vote", "adaptive"]


@dataclass(frozen=True, slots=True)
class Answer:
    right: bool
    seconds: float
    tokens: int  # that all wrote who were asked
    asked: int = 1  # that wrote for it
    some_right: bool = False  # one of them at least was right, chosen or not
    method: str = "single"
    agreement: float | None = None
    confidence: float | None = None
    message: dict[str, Any] | None = None  # as the node gave it
    failed: str = ""  # there is no answer, and why


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    set: str
    answers: dict[Way, Answer]

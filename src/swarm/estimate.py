"""When a member would begin and end an answer. Pure."""

from dataclasses import dataclass

from .figures import Speeds, crowd


@dataclass(frozen=True, slots=True)
class Load:
    """What a member has to do already. `reading` and `written`: of our own requests there, the tokens that are still to
    be read, and those that each answer has already."""

    others: int  # requests, waiting ones and those of others included
    seats: int
    reading: float = 0.0
    written: tuple[float, ...] = ()
    held: bool = False  # it says itself that somebody waits

    @property
    def free(self) -> bool:
        return not self.held and self.others < self.seats


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds from now to the first token and to the end. `cached` tokens of this conversation need not be read; what
    many conversations begin with is not counted."""

    first: float
    end: float
    free: bool
    cached: int = 0


def expected(speeds: Speeds, load: Load, unread: int, cached: int, answer: float) -> Expected:
    """`answer`: tokens that are going to be written. Prompts are read one after the other, answers written together."""
    wait = max(load.reading / speeds.reading, 0.0 if load.free else _seat(speeds, load, answer))
    first = wait + speeds.delay + unread / speeds.reading
    beside = min(load.others, load.seats - 1)
    return Expected(first, first + answer / speeds.writing * crowd(beside), load.free, cached)


def _seat(speeds: Speeds, load: Load, answer: float) -> float:
    """Seconds until one is free. Answers that are longer than usual are believed to be half done."""
    left = [answer - written if written < answer else written for written in load.written]
    left += [answer / 2] * (load.others - len(left))
    before = max(0, load.others - load.seats)
    rounds, at = divmod(before, load.seats)
    one = sorted(left)[min(at, len(left) - 1)] if left else answer
    return (one + rounds * answer) / speeds.writing * crowd(load.seats - 1)

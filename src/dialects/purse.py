"""What a template may spend on one run: steps and text, counted and not timed, so that the same request ends the same
way on every machine.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jinja2 import TemplateError

# A step takes about a microsecond.
STEPS = 1_000_000
# So many characters, or items that are copied, cost as much as one step.
CHARACTERS = 32
MOST_CHARACTERS = 2**26

_left: ContextVar[int] = ContextVar("steps left")


class Exhausted(TemplateError):
    def __init__(self) -> None:
        super().__init__("it takes too many steps or makes too much text")


@contextmanager
def purse(steps: int) -> Iterator[None]:
    token = _left.set(steps)
    try:
        yield
    finally:
        _left.reset(token)


def pay(steps: int) -> None:
    left = _left.get() - steps
    refuse(left < 0)
    _left.set(left)


def refuse(refused: bool) -> None:
    if refused:
        raise Exhausted


def paid(value: Any) -> Any:
    """Pays for what was made just now."""
    if isinstance(value, str):
        refuse(len(value) > MOST_CHARACTERS)
        pay(len(value) // CHARACTERS)
    elif isinstance(value, list | tuple | dict):
        pay(len(value) // CHARACTERS)
    return value


def paid_text(value: Any) -> Any:
    """Pays for all that is in a value, before it becomes text or is compared."""
    if isinstance(value, str):
        return paid(value)
    waiting = [value]
    while waiting:
        one = waiting.pop()
        pay(1 + len(one) // CHARACTERS if isinstance(one, str) else 1)
        if isinstance(one, Mapping):
            waiting += (*one.keys(), *one.values())
        elif isinstance(one, list | tuple):
            waiting += one
    return value

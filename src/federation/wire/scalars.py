"""The forms of single values. Each is checked: what comes may have been made by anybody's program."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

# Seeds are the largest whole numbers that anybody sends.
MOST_WHOLE = 2**64
# As many as a request of a client may have.
MOST_LEVELS = 128


class Wrong(Exception):
    """`path`: from the wrong value outwards."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.path: list[str] = []


@dataclass(frozen=True, slots=True)
class Form:
    """How values of one type are written and read. `of`: what they are in Python; `comes`: what JSON makes of them."""

    of: tuple[type, ...]
    comes: tuple[type, ...]
    put: Callable[[Any], Any]
    take: Callable[[Any], Any]


def same(value: Any) -> Any:
    return value


def take_text(value: Any) -> str:
    if type(value) is not str:
        raise Wrong("a text is expected")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Wrong("half a character is in it") from None
    return value


def take_whole(value: Any) -> int:
    if type(value) is not int or not -MOST_WHOLE < value < MOST_WHOLE:
        raise Wrong("a whole number is expected")
    return value


def put_real(value: float) -> float | str:
    """A log-probability may be endless, for which JSON has no number."""
    return value if isfinite(value) else str(value)


def take_real(value: Any) -> float:
    if type(value) is str and value in ("inf", "-inf"):
        return float(value)
    if type(value) is int:
        return float(take_whole(value))
    if type(value) is not float or not isfinite(value):
        raise Wrong("a number is expected")
    return value


def take_truth(value: Any) -> bool:
    if type(value) is not bool:
        raise Wrong("true or false is expected")
    return value


def put_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def take_bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(take_text(value), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("base64 is expected") from None


def take_nothing(value: Any) -> None:
    if value is not None:
        raise Wrong("null is expected")


def take_object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise Wrong("an object is expected")
    _check(value)
    return value


def _check(value: Any) -> None:
    """Level by level: what is too deep must not be walked by calls."""
    level = [value]
    for _ in range(MOST_LEVELS):
        if not level:
            return
        level = [inner for one in level for inner in _inside(one)]
    raise Wrong("it is nested too deeply")


def _inside(value: Any) -> list[Any]:
    match value:
        case dict():
            return [*value, *value.values()]
        case list():
            return value
        case str():
            take_text(value)
        case float():
            if not isfinite(value):
                raise Wrong("a number is too large")
    return []


SCALARS = {
    str: Form((str,), (str,), same, take_text),
    int: Form((int,), (int,), same, take_whole),
    float: Form((float, int), (float, int, str), put_real, take_real),
    bool: Form((bool,), (bool,), same, take_truth),
    bytes: Form((bytes,), (str,), put_bytes, take_bytes),
    type(None): Form((type(None),), (type(None),), same, take_nothing),
}
OBJECT = Form((dict,), (dict,), same, take_object)

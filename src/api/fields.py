"""Reads the fields of a JSON object: a wrong type or value is an error that names the field. Pure.

Fields that nobody asks for are ignored; null is the same as absent.
"""

import math
from collections.abc import Sequence
from typing import Any

from ..errors import BadRequest, NotSupported


class Fields:
    def __init__(self, values: dict[str, Any], where: str = "") -> None:
        self._values = values
        self._where = where

    def name(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    @property
    def values(self) -> dict[str, Any]:
        return self._values

    def raw(self, key: str) -> Any:
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        value = self.raw(key)
        return None if value is None else self._typed(key, value, str, "a string")

    def truth(self, key: str) -> bool | None:
        value = self.raw(key)
        return None if value is None else self._typed(key, value, bool, "a boolean")

    def array(self, key: str) -> list[Any] | None:
        value = self.raw(key)
        return None if value is None else self._typed(key, value, list, "an array")

    def fields(self, key: str) -> "Fields | None":
        value = self.raw(key)
        if value is None:
            return None
        return self._object(key, value)

    def needed(self, key: str) -> str:
        value = self.text(key)
        if value is None:
            raise self.missing(key)
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            raise self.wrong(key, f'must be one of {", ".join(allowed)}, not "{value[:40]}"')
        return value

    def texts(self, key: str) -> list[str] | None:
        values = self.array(key)
        for at, value in enumerate(values or ()):
            self._typed(f"{key}[{at}]", value, str, "a string")
        return values

    def listed(self, key: str) -> "list[Fields] | None":
        """An array of objects."""
        values = self.array(key)
        return None if values is None else [self._object(f"{key}[{at}]", one) for at, one in enumerate(values)]

    def whole(self, key: str, least: int, most: int | None = None) -> int | None:
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be an integer, not {describe(value)}")
        if value < least or (most is not None and value > most):
            raise self.wrong(key, f"must be {_range(least, most)}, not {_short(value)}")
        return value

    def number(self, key: str, least: float, most: float) -> float | None:
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"must be a number, not {describe(value)}")
        if not least <= value <= most or not math.isfinite(value):
            raise self.wrong(key, f"must be {_range(least, most)}, not {_short(value)}")
        return float(value)

    def refuse(self, key: str, unless: Sequence[Any] = ()) -> None:
        """A field that means something which is not honoured yet, except with these harmless values."""
        value = self.raw(key)
        if value is None or value in unless:
            return
        raise self.unsupported(key)

    def wrong(self, key: str, what: str) -> BadRequest:
        return BadRequest(f"'{self.name(key)}' {what}.", self.name(key))

    def missing(self, key: str) -> BadRequest:
        return BadRequest(f"'{self.name(key)}' is required.", self.name(key))

    def unsupported(self, key: str, what: str = "is not supported by this server") -> NotSupported:
        return NotSupported(f"'{self.name(key)}' {what}.", self.name(key))

    def _object(self, key: str, value: Any) -> "Fields":
        return Fields(self._typed(key, value, dict, "an object"), self.name(key))

    def _typed(self, key: str, value: Any, kind: type, words: str) -> Any:
        if not isinstance(value, kind):
            raise self.wrong(key, f"must be {words}, not {describe(value)}")
        return value


def describe(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _range(least: float, most: float | None) -> str:
    return f"at least {_figure(least)}" if most is None else f"between {_figure(least)} and {_figure(most)}"


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _short(value: float) -> str:
    text = f"{value}" if isinstance(value, float) or abs(value) < 10**20 else "such a large number"
    return text

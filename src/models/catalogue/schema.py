"""Checks the tables of a TOML file against what they may hold; every fault names its place. Pure."""

import difflib
import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import SettingError


@dataclass(frozen=True, slots=True)
class Place:
    file: Path
    steps: tuple[str, ...] = ()

    def within(self, step: str) -> "Place":
        return Place(self.file, (*self.steps, step))

    def fault(self, what: str) -> SettingError:
        place = f"{self.file}: {', '.join(self.steps)}" if self.steps else str(self.file)
        return SettingError(f"{place}: {what}{'' if what.endswith('?') else '.'}")


Check = Callable[[Any, Place], None]


def nearest(word: str, words: Iterable[str], most: int = 1) -> list[str]:
    return difflib.get_close_matches(word, list(words), n=most, cutoff=0.5)


def text(value: Any, place: Place) -> None:
    if not isinstance(value, str):
        raise place.fault(f"it must be text, not {_shown(value)}")


def truth(value: Any, place: Place) -> None:
    if not isinstance(value, bool):
        raise place.fault(f"it must be true or false, not {_shown(value)}")


def whole(least: int, most: int) -> Check:
    def check(value: Any, place: Place) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise place.fault(f"it must be a whole number, not {_shown(value)}")
        if not least <= value <= most:
            raise place.fault(f"{value} is not between {least} and {most}")

    return check


def one_of(*words: str) -> Check:
    def check(value: Any, place: Place) -> None:
        if value not in words:
            raise place.fault(f"{_shown(value)} is none of {', '.join(words)}")

    return check


def digest(value: Any, place: Place) -> None:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise place.fault(f"a SHA-256 has 64 characters of 0-9a-f, not {_shown(value)}")


def template(*fields: str) -> Check:
    def check(value: Any, place: Place) -> None:
        text(value, place)
        try:
            parts = [part for part in string.Formatter().parse(value) if part[1] is not None]
        except ValueError as error:
            raise place.fault(f"'{value}' is no template ({error})") from None
        for _, field, kind, conversion in parts:
            if field not in fields or kind or conversion:
                raise place.fault(f"'{{{field}}}' cannot be filled in; there are {', '.join(fields)}")

    return check


def several(check: Check) -> Check:
    def check_all(value: Any, place: Place) -> None:
        if not isinstance(value, list) or not value:
            raise place.fault(f"it must be a list that is not empty, not {_shown(value)}")
        for number, item in enumerate(value, 1):
            check(item, place.within(f"entry {number}"))

    return check_all


def one_or_several(check: Check) -> Check:
    def check_either(value: Any, place: Place) -> None:
        (several(check) if isinstance(value, list) else check)(value, place)

    return check_either


def table(keys: Mapping[str, Check]) -> Check:
    def check(value: Any, place: Place) -> None:
        if not isinstance(value, dict):
            raise place.fault(f"it must be a table, not {_shown(value)}")
        for key, item in value.items():
            if key not in keys:
                raise place.fault(f"unknown key '{key}'{_suggestion(key, keys)}")
            keys[key](item, place if _holds_named(item) else place.within(key))

    return check


def named(word: str, check: Check) -> Check:
    """A list of tables, each with a `name` of its own; faults say `family qwen3` instead of a number."""

    def check_all(value: Any, place: Place) -> None:
        if not isinstance(value, list):
            raise place.fault(f"it must be written [[{word}]]")
        seen = set()
        for number, item in enumerate(value, 1):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9.-]+", name):
                raise place.within(f"{word} {number}").fault("it needs a name of small letters, digits, '.' and '-'")
            if name in seen:
                raise place.within(f"{word} {name}").fault("it is there twice")
            seen.add(name)
            check(item, place.within(f"{word} {name}"))

    return check_all


def _holds_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value)


def _suggestion(key: str, keys: Iterable[str]) -> str:
    near = nearest(key, keys)
    return f", did you mean '{near[0]}'?" if near else f"; the known ones are {', '.join(keys)}"


def _shown(value: Any) -> str:
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)

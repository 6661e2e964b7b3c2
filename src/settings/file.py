"""The TOML file of settings: read, parsed, and held against the table."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import SettingError
from .kinds import short
from .table import BY_NAME, CONFIG_FLAG, OPTIONS, Option

# The texts of all options that a file names.
Written = Mapping[str, str]


def read(file: Path, named: bool) -> Written | None:
    """What it says, by the names of options; None where there is no file, and nobody said that there is one."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        if named:
            raise SettingError(f"There is no file {file}. Give {CONFIG_FLAG} the path of a TOML file.") from None
        return None
    except OSError as error:
        raise SettingError(
            f"The settings in {file} cannot be read ({error.strerror}). Take another file: {CONFIG_FLAG} FILE"
        ) from None
    text = _decoded(file, data)
    return _known(file, text, parse(file, text))


def parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{file} is not TOML, {_where(str(error), text)}. Mend that line.") from None
    except (RecursionError, ValueError):
        raise SettingError(
            f"{file} does not hold settings: it is nested too deeply, or has a number that is too long."
        ) from None


def is_open_secret(file: Path, written: Written) -> bool:
    """It holds a secret, and others than its owner can read it."""
    secret = any(option.secret and option.name in written for option in OPTIONS)
    return secret and os.name == "posix" and bool(file.stat().st_mode & 0o077)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The one that was probably meant: with letters in another order sooner than with other letters."""
    close = difflib.get_close_matches(word, known)
    return max(close, key=lambda one: sorted(one) == sorted(word), default=None)


def _decoded(file: Path, data: bytes) -> str:
    try:
        # Editors on Windows begin a file with a mark of its encoding.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{file}, line {line}: this is not UTF-8. Save the file in that encoding.") from None


def _line_of(key: str, text: str) -> str:
    """tomllib does not tell where a key stood: the first line that begins with it, bare, quoted, or as a table."""
    begin = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    lines = (number for number, line in enumerate(text.split("\n"), 1) if begin.match(line))
    number = next(lines, None)
    return f", line {number}" if number else ""


def _where(message: str, text: str) -> str:
    """tomllib says `What (at line 1, column 2)`, or `What (at end of document)`."""
    what, _, place = message.partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    lines = text.split("\n")
    line, column = found.groups() if found else (len(lines), len(lines[-1]) + 1)
    return f"line {line}, column {column}: {what[:1].lower()}{what[1:]}"


def _known(file: Path, text: str, table: Mapping[str, Any]) -> Written:
    values: dict[str, str] = {}
    for key, value in table.items():
        place = f"{file}{_line_of(key, text)}"
        option = BY_NAME.get(key.replace("-", "_"))
        if not option:
            raise _unknown(place, key)
        if option.name in values:
            raise SettingError(f"{place}: the key {option.name} is there twice, once with a hyphen. Delete one.")
        values[option.name] = _as_text(place, option, value)
    return values


def _unknown(place: str, key: str) -> SettingError:
    meant = nearest(key.replace("-", "_"), tuple(BY_NAME))
    mend = f"Did you mean {meant}?" if meant else "The keys are listed by: python main.py config"
    return SettingError(f"{place}: unknown key '{short(key)}'. {mend}")


def _as_text(place: str, option: Option, value: Any) -> str:
    listed = value if option.kind is list and isinstance(value, list) else ()
    wrong = next((one for one in listed if not isinstance(one, str)), None)
    if type(value) is not option.kind or wrong is not None:
        wanted = {bool: "true or false", int: "a whole number", str: "a text in quotes", list: "a list of texts"}
        found = "a list of others" if listed else _in_words(value)
        raise SettingError(f"{place}: {option.name} must be {wanted[option.kind]}, not {found}.")
    if option.kind is list:
        return option.joint.join(listed)
    return str(value).lower() if option.kind is bool else str(value)


def _in_words(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        str: "a text",
        float: "a fraction",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or a time")

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
    return _known(file, parse(file, data))


def parse(file: Path, data: bytes) -> dict[str, Any]:
    try:
        # Editors on Windows begin a file with a mark of its encoding.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{file}, line {line}: this is not UTF-8. Save the file in that encoding.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{file} is not TOML, {_where(str(error), text)}. Mend that line.") from None
    except (RecursionError, ValueError):
        raise SettingError(
            f"{file} does not hold settings: it is nested too deeply, or has a number that is too long."
        ) from None


def is_open_secret(file: Path, written: Written) -> bool:
    """It holds a key, and others than its owner can read it."""
    secret = any(option.secret and option.name in written for option in OPTIONS)
    return secret and os.name == "posix" and bool(file.stat().st_mode & 0o077)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The one that was probably meant."""
    return next(iter(difflib.get_close_matches(word, known, n=1)), None)


def _where(message: str, text: str) -> str:
    """tomllib says `What (at line 1, column 2)`, or `What (at end of document)`."""
    what, _, place = message.partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    lines = text.split("\n")
    line, column = found.groups() if found else (len(lines), len(lines[-1]) + 1)
    return f"line {line}, column {column}: {what[:1].lower()}{what[1:]}"


def _known(file: Path, table: Mapping[str, Any]) -> Written:
    values: dict[str, str] = {}
    for key, value in table.items():
        option = BY_NAME.get(key.replace("-", "_"))
        if not option:
            raise _unknown(file, key)
        if option.name in values:
            raise SettingError(f"{file} has the key {option.name} twice, once with a hyphen. Delete one of them.")
        values[option.name] = _as_text(file, option, value)
    return values


def _unknown(file: Path, key: str) -> SettingError:
    meant = nearest(key.replace("-", "_"), tuple(BY_NAME))
    mend = f"Did you mean {meant}?" if meant else "The keys are listed by: python main.py config"
    return SettingError(f"{file} has an unknown key '{short(key)}'. {mend}")


def _as_text(file: Path, option: Option, value: Any) -> str:
    if type(value) is not option.kind:
        wanted = {bool: "true or false", int: "a whole number", str: "a text in quotes"}[option.kind]
        raise SettingError(f"{file}: {option.name} must be {wanted}, not {_in_words(value)}.")
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

"""Where the key for a server is, as a text names it behind the server's address: `key_file=FILE`, `key_variable=NAME`.

A key is never in the text itself: flags are seen by every user of a machine.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from . import kinds

KEY_FILE, KEY_VARIABLE = "key_file", "key_variable"
WORDS = (KEY_FILE, KEY_VARIABLE)
PLACES = f"URL,{KEY_FILE}=FILE or URL,{KEY_VARIABLE}=NAME"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """One of the two."""

    file: Path | None = None
    variable: str = ""

    def __str__(self) -> str:
        return f"{KEY_FILE}={self.file}" if self.file else f"{KEY_VARIABLE}={self.variable}"

    def below(self, folder: Path) -> "KeyPlace":
        """A file that is named without its folder lies in this one."""
        return replace(self, file=folder / self.file) if self.file else self


def place(word: str, value: str) -> KeyPlace:
    """`word`: one of WORDS."""
    if word == KEY_FILE:
        return KeyPlace(kinds.path(value))
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(f"'{kinds.short(value)}' is not the name of a variable")
    return KeyPlace(variable=value)


def behind(address: str, key: KeyPlace | None) -> str:
    return f"{address},{key}" if key else address

"""What a value may be: each function turns a text into a value, or says in a ValueError what is wrong with it."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

LONGEST_QUOTE = 80
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:\[[0-9A-Fa-f:.]+\]|[\w*.-]+)(?::(?:\d{1,5}|\*))?")


def short(said: str) -> str:
    """As errors quote it."""
    return said if len(said) <= LONGEST_QUOTE else said[:LONGEST_QUOTE] + "..."


def number(least: int, most: int) -> Callable[[str], int]:
    def parse(said: str) -> int:
        try:
            value = int(said)
        except ValueError:
            raise ValueError(f"'{short(said)}' is not a whole number") from None
        if not least <= value <= most:
            raise ValueError(f"{short(str(value))} is not between {least} and {most}")
        return value

    return parse


def truth(said: str) -> bool:
    if said.lower() in ("1", "true", "yes", "on"):
        return True
    if said.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"'{short(said)}' is neither true nor false")


def text(said: str) -> str:
    if not said.strip():
        raise ValueError("it is empty")
    if any(mark < " " or mark == "\x7f" for mark in said):
        raise ValueError("it has control characters")
    return said


def path(said: str) -> Path:
    try:
        return Path(text(said)).expanduser()
    except RuntimeError:
        raise ValueError("there is no home folder of this name") from None


def key(said: str) -> str:
    """It travels in an HTTP header."""
    if not said or not all("!" <= mark <= "~" for mark in said):
        raise ValueError("a key has only letters, digits and marks of ASCII, and no spaces")
    return said


def address(said: str) -> str:
    try:
        parts = urlsplit(text(said))
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed:
        raise ValueError("it is not an address like https://huggingface.co")
    return said.rstrip("/")


def origins(said: str) -> tuple[str, ...]:
    """As browsers name the sites of pages, with commas between them; a star is a part of a name, or any port."""
    found = tuple(one.strip().rstrip("/") for one in text(said).split(",") if one.strip())
    for one in found:
        if one not in ("*", "null") and not ORIGIN.fullmatch(one):
            raise ValueError(f"'{short(one)}' is not an origin like https://chat.example or vscode-webview://*")
    return found


def one_of(*known: str) -> Callable[[str], str]:
    def parse(said: str) -> str:
        if said not in known:
            raise ValueError(f"'{short(said)}' is not one of {', '.join(known)}")
        return said

    return parse

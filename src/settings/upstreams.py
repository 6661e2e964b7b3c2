"""Servers that somebody runs already, as a text names them: addresses, each with the place of its key if it needs one.

`http://host:8000/v1,https://other/v1,key_file=/etc/other.key,http://third/v1,key_variable=THIRD_KEY`
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from . import kinds

KEY_FILE, KEY_VARIABLE = "key_file", "key_variable"
# What OpenAI's own clients expect an address to end in, and nearly every server has.
PATH = "/v1"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A key is never in the text itself: flags are seen by every user of a machine."""

    url: str
    key_file: Path | None = None
    key_variable: str = ""

    def __str__(self) -> str:
        file = f",{KEY_FILE}={self.key_file}" if self.key_file else ""
        return self.url + file + (f",{KEY_VARIABLE}={self.key_variable}" if self.key_variable else "")

    def below(self, folder: Path) -> "Upstream":
        """A file that is named without its folder lies in this one."""
        return replace(self, key_file=folder / self.key_file) if self.key_file else self


def parse(said: str) -> tuple[Upstream, ...]:
    """Several with commas between them; a key follows the address that it is for."""
    found: list[Upstream] = []
    for word in (one.strip() for one in kinds.text(said).split(",")):
        name, is_key, value = word.partition("=")
        if name not in (KEY_FILE, KEY_VARIABLE) or not is_key:
            found.append(Upstream(_address(word)))
        elif not found:
            raise ValueError(f"'{kinds.short(name)}' must follow the address that it is for")
        else:
            found[-1] = _with_key(found[-1], name, value)
    _refuse_twins(found)
    return tuple(found)


def _with_key(upstream: Upstream, name: str, value: str) -> Upstream:
    if upstream.key_file or upstream.key_variable:
        raise ValueError(f"{upstream.url} has two keys")
    if name == KEY_FILE:
        return replace(upstream, key_file=kinds.path(value))
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(f"'{kinds.short(value)}' is not the name of a variable")
    return replace(upstream, key_variable=value)


def _address(said: str) -> str:
    try:
        parts = urlsplit(kinds.address(said))
    except ValueError:
        raise ValueError(f"'{kinds.short(_masked(said))}' is not an address like http://host:8000/v1") from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(
            "an address has neither a password nor a query. Name the place of its key: "
            f"URL,{KEY_FILE}=FILE or URL,{KEY_VARIABLE}=NAME"
        )
    return said.rstrip("/") if parts.path.strip("/") else said.rstrip("/") + PATH


def _refuse_twins(found: list[Upstream]) -> None:
    for at, one in enumerate(found):
        if any(other.url == one.url for other in found[:at]):
            raise ValueError(f"{one.url} is there twice")


def _masked(said: str) -> str:
    return re.sub(r"//[^/@]*@", "//", said)

"""Servers that somebody runs already, as a text names them: addresses, each with the place of its key if it needs one.

`http://host:8000/v1,https://other/v1,key_file=/etc/other.key,http://third/v1,key_variable=THIRD_KEY`
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from . import keys, kinds
from .keys import KeyPlace

# What OpenAI's own clients expect an address to end in, and nearly every server has.
PATH = "/v1"


@dataclass(frozen=True, slots=True)
class Upstream:
    url: str
    key: KeyPlace | None = None

    def __str__(self) -> str:
        return keys.behind(self.url, self.key)

    def below(self, folder: Path) -> "Upstream":
        """A file that is named without its folder lies in this one."""
        return replace(self, key=self.key.below(folder)) if self.key else self


def parse(said: str) -> tuple[Upstream, ...]:
    """Several with commas between them; a key follows the address that it is for."""
    found: list[Upstream] = []
    for word in (one.strip() for one in kinds.text(said).split(",")):
        name, is_key, value = word.partition("=")
        if name not in keys.WORDS or not is_key:
            found.append(Upstream(_address(word)))
        elif not found:
            raise ValueError(f"'{kinds.short(name)}' must follow the address that it is for")
        elif found[-1].key:
            raise ValueError(f"{found[-1].url} has two keys")
        else:
            found[-1] = replace(found[-1], key=keys.place(name, value))
    _refuse_twins(found)
    return tuple(found)


def _address(said: str) -> str:
    try:
        parts = urlsplit(kinds.address(said))
    except ValueError:
        raise ValueError(f"'{kinds.short(_masked(said))}' is not an address like http://host:8000/v1") from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(f"an address has neither a password nor a query. Name the place of its key: {keys.PLACES}")
    return said.rstrip("/") if parts.path.strip("/") else said.rstrip("/") + PATH


def _refuse_twins(found: list[Upstream]) -> None:
    for at, one in enumerate(found):
        if any(other.url == one.url for other in found[:at]):
            raise ValueError(f"{one.url} is there twice")


def _masked(said: str) -> str:
    return re.sub(r"//[^/@]*@", "//", said)

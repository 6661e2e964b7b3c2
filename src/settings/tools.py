"""What a text says of tools: `deny bash`, `allow write src/**`; `git=uvx mcp-server-git`, `docs=https://docs.example/mcp`."""

import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from . import keys, kinds
from .keys import KeyPlace

TOOL_PORT = 17616
# Commands and paths may have commas in them.
JOINT = "\n"
# Whichever machine of the swarm has tools.
ANY_HOST = "any"
Decision = Literal["allow", "ask", "deny"]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ToolRule:
    """`tool` and `path` may have `*`. Without a path it is for all calls of the tool."""

    decision: Decision
    tool: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.decision} {self.tool} {self.path}".rstrip()


@dataclass(frozen=True, slots=True)
class Mount:
    """An MCP server: a command to start, or an address. `key`: what the server at the address wants."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    key: KeyPlace | None = None

    def __str__(self) -> str:
        return f"{self.name}={keys.behind(self.url, self.key) if self.url else shlex.join(self.command)}"

    def below(self, folder: Path) -> "Mount":
        """A file that is named without its folder lies in this one."""
        return replace(self, key=self.key.below(folder)) if self.key else self


def rule(said: str) -> tuple[ToolRule, ...]:
    return tuple(_rule(one) for one in said.split(JOINT))


def mount(said: str) -> tuple[Mount, ...]:
    found = tuple(_mount(one) for one in said.split(JOINT))
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"two servers are called {twice}")
    return found


def _rule(said: str) -> ToolRule:
    decision, tool, path, *_ = [*kinds.text(said).split(maxsplit=2), "", ""]
    for known in get_args(Decision):
        if decision == known and tool:
            return ToolRule(known, tool, path)
    raise ValueError(f"'{kinds.short(said)}' is not like 'deny bash' or 'allow write src/**'")


def _mount(said: str) -> Mount:
    name, _, rest = kinds.text(said).partition("=")
    if not NAME.fullmatch(name):
        raise ValueError(
            f"'{kinds.short(said)}' does not begin with a name for the server, such as git=COMMAND or docs=URL"
        )
    if re.match(r"https?://", rest):
        return _at_address(name, rest)
    try:
        command = tuple(shlex.split(rest))
    except ValueError as error:
        raise ValueError(f"the command of {name} cannot be read: {error}") from None
    if not command:
        raise ValueError(f"{name} has neither a command nor an address behind it")
    return Mount(name, command=command)


def _at_address(name: str, said: str) -> Mount:
    url, *words = said.split(",", 1)
    if urlsplit(kinds.address(url)).username is not None:
        raise ValueError(f"the address of {name} has a password in it. Name the place of its key: {keys.PLACES}")
    return Mount(name, url=kinds.address(url), key=_key(name, words[0]) if words else None)


def _key(name: str, said: str) -> KeyPlace:
    """Nobody is shown what was said: it may be the key itself."""
    word, is_key, value = said.partition("=")
    if word not in keys.WORDS or not is_key:
        raise ValueError(f"behind the comma there is no place of a key for {name}: {keys.PLACES}")
    return keys.place(word, value)


def host(said: str) -> str:
    """A machine of the swarm by its name, id or address, or a URL."""
    said = kinds.text(said).strip()
    return kinds.address(said).rstrip("/") if "://" in said else said

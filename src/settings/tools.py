"""What a text says of tools: `deny bash`, `allow write src/**`; `git=uvx mcp-server-git`, `docs=https://docs.example/mcp`."""

import re
import shlex
from dataclasses import dataclass
from typing import Literal, get_args

from . import kinds

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
    """An MCP server: a command to start, or an address."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""

    def __str__(self) -> str:
        return f"{self.name}={self.url or shlex.join(self.command)}"


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
        return Mount(name, url=kinds.address(rest))
    try:
        command = tuple(shlex.split(rest))
    except ValueError as error:
        raise ValueError(f"the command of {name} cannot be read: {error}") from None
    if not command:
        raise ValueError(f"{name} has neither a command nor an address behind it")
    return Mount(name, command=command)


def host(said: str) -> str:
    """A machine of the swarm by its name, id or address, or a URL."""
    said = kinds.text(said).strip()
    return kinds.address(said).rstrip("/") if "://" in said else said

"""Tools of clients that the tool host has an equal of, under whichever name agents have for it. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ...chat import ToolSpec

# The host's own name comes first.
KNOWN = (
    ("read", "readfile"),
    ("write", "writefile"),
    ("edit", "editfile"),
    ("bash", "shell", "runcommand", "runshellcommand"),
    ("webfetch", "fetch"),
    ("glob",),
    ("grep",),
    ("list", "ls", "listdirectory"),
)
NAMES: Mapping[str, str] = MappingProxyType({name: names[0] for names in KNOWN for name in names})


def equals(tools: Sequence[ToolSpec], host: Sequence[ToolSpec]) -> Mapping[str, str]:
    """The names of a client's tools, and those that the host has for them. A tool that takes a text in a form of the
    client's own has no equal."""
    there = {tool.name for tool in host}
    found = {tool.name: NAMES.get(_folded(tool.name), "") for tool in tools if tool.form is None}
    return {name: equal for name, equal in found.items() if equal in there}


def _folded(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())

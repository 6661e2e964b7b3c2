"""Tools of clients that the tool host has an equal of, under whichever name agents have for it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from ...chat import ToolSpec

Names = tuple[str, ...]
FILE: Names = ("path", "filepath", "file", "filename", "targetfile", "absolutepath")
FOLDER: Names = ("path", "directory", "dir", "dirpath", "directorypath", "folder")
PATTERN: Names = ("pattern", "query", "regex")
# They change how a thing is done or shown, and not what is done.
MANNER = frozenset(
    "description explanation reason timeout timeoutms seconds workdir cwd workingdirectory directory background "
    "isbackground runinbackground justification offset limit startline endline encoding format prompt maxlength raw "
    "include glob type ignore ignorecase casesensitive recursive outputmode headlimit multiline replaceall "
    "expectedreplacements respectgitignore".split()
)
# What has one of these happens at another place.
ELSEWHERE = frozenset(
    "host hostname server remote machine container pod device vm instance sandboxid owner repo repository".split()
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`names`: of such tools; the host's own comes first. `needs`: what such a tool cannot do without, each under one
    of these names. `takes`: what it may have besides."""

    names: Names
    needs: tuple[Names, ...]
    takes: Names = ()


KINDS = (
    Kind(("read", "readfile"), (FILE,)),
    Kind(("write", "writefile"), (FILE, ("content", "contents", "text", "filetext"))),
    Kind(("edit", "editfile"), (FILE, ("oldstring", "oldstr", "oldtext"), ("newstring", "newstr", "newtext"))),
    Kind(("bash", "shell", "runcommand", "runshellcommand"), (("command", "cmd", "commandline"),)),
    Kind(("webfetch", "fetch"), (("url", "uri"),)),
    Kind(("glob",), (PATTERN,), FOLDER),
    Kind(("grep",), (PATTERN,), (*FILE, *FOLDER)),
    Kind(("list", "ls", "listdirectory"), (FOLDER,)),
)
BY_NAME: Mapping[str, Kind] = MappingProxyType({name: kind for kind in KINDS for name in kind.names})


def equals(tools: Sequence[ToolSpec], host: Sequence[ToolSpec]) -> Mapping[str, str]:
    """The names of a client's tools, and those that the host has for them. One that stays the client's keeps its name
    for itself: what the host has under it could not be offered."""
    there = {tool.name for tool in host}
    found = {tool.name: equal for tool in tools if (equal := _equal(tool)) in there}
    own = {tool.name for tool in tools} - set(found)
    return {name: equal for name, equal in found.items() if equal not in own}


def _equal(tool: ToolSpec) -> str:
    """Empty where there is none: also for one that takes a text in a form of the client's own, or that does something
    else under the same name, which is seen by what it takes."""
    kind = BY_NAME.get(_folded(tool.name))
    return kind.names[0] if kind and tool.form is None and _is_of(kind, tool) else ""


def _is_of(kind: Kind, tool: ToolSpec) -> bool:
    properties, required = tool.schema.get("properties"), tool.schema.get("required")
    taken = {_folded(name) for name in properties} if isinstance(properties, dict) else set()
    needed = {_folded(str(name)) for name in required} if isinstance(required, list) else set()
    known = {*chain(*kind.needs), *kind.takes, *MANNER}
    return all(taken & set(names) for names in kind.needs) and needed <= known and not taken & ELSEWHERE


def _folded(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())

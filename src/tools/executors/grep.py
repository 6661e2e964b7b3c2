"""`grep`: lines of files that match an expression."""

import os
import stat

from ..files import Root
from ..sandbox.project import Project
from ..searching import ripgrep
from ..searching.process import Search, search
from ..searching.wanted import Wanted
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool
from .glob import notes

MOST = 100
ROOM = 24_000  # characters
SCHEMA = {
    "type": "object",
    "properties": {
        "pattern": {"type": "string", "minLength": 1, "maxLength": 1000},
        "path": {"type": "string"},
        "include": {"type": "string", "minLength": 1, "maxLength": 200},
        "ignore_case": {"type": "boolean"},
    },
    "required": ["pattern"],
}


def grep(root: Root, texts: Texts, project: Project | None = None) -> Tool:
    """`project`: where there is one, ripgrep runs in it if it is installed."""
    quick = project if ripgrep.is_there() else None

    async def run(arguments: Arguments, scope: Scope) -> Output:
        with root.opened(arguments.get("path") or ".") as place:
            where = root.real(place)
            scope.permit(where)
            done = await _search(quick, place, _wanted(arguments, where))
        permitted = {path for path in {one.path for one in done.found} if scope.permits(path)}
        shown = [f"{one.path}:{one.line}:{one.text}" for one in done.found if one.path in permitted]
        return Output("\n".join([*_fitting(shown), *notes(done.more, done.stopped)]) or "Nothing matches.")

    description, schema = texts.of("grep", SCHEMA)
    return Tool("grep", description, schema, run, "allow", path="path")


async def _search(quick: Project | None, place: int, want: Wanted) -> Search:
    done = None
    if quick and ripgrep.can(want) and stat.S_ISDIR(os.fstat(place).st_mode):
        done = await ripgrep.search(quick, place, want)
    return done or await search(place, want)


def _wanted(arguments: Arguments, where: str) -> Wanted:
    ignore = arguments.get("ignore_case", False)
    return Wanted(where, arguments.get("include", "**"), arguments["pattern"], ignore, MOST)


def _fitting(lines: list[str]) -> list[str]:
    room = ROOM
    for at, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return [*lines[:at], "[there is more; narrow it down]"]
    return lines

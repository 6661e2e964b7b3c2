"""`glob`: files by their names."""

from ..files import Root
from ..searching.process import search
from ..searching.wanted import Wanted
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool

SCHEMA = {
    "type": "object",
    "properties": {"pattern": {"type": "string", "minLength": 1, "maxLength": 200}, "path": {"type": "string"}},
    "required": ["pattern"],
}


def glob(root: Root, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        with root.directory(arguments.get("path") or ".") as folder:
            place = root.real(folder)
            scope.permit(place)
            done = await search(folder, Wanted(place, arguments["pattern"].removeprefix("./")))
        shown = [one.path for one in done.found if scope.permits(one.path)]
        return Output("\n".join([*shown, *notes(done.more, done.stopped)]) or "No file has such a name.")

    description, schema = texts.of("glob", SCHEMA)
    return Tool("glob", description, schema, run, "allow", path="path")


def notes(more: bool, stopped: bool) -> list[str]:
    if stopped:
        return ["[stopped: it took too long; narrow it down]"]
    return ["[there is more; narrow it down]"] if more else []

"""`edit`: one text of a file replaced by another, and the difference told."""

import os
import threading

from ..files import Root
from ..files.writing import write
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool, ToolFailed
from .difference import difference
from .threads import beside

LARGEST = 4 * 2**20
SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "minLength": 1},
        "old_string": {"type": "string", "minLength": 1, "maxLength": LARGEST},
        "new_string": {"type": "string", "maxLength": LARGEST},
        "replace_all": {"type": "boolean"},
    },
    "required": ["path", "old_string", "new_string"],
}


def edit(root: Root, texts: Texts) -> Tool:
    # Of two edits of one file at the same time the first would be lost.
    one_by_one = threading.Lock()

    def work(arguments: Arguments, scope: Scope) -> Output:
        with one_by_one:
            return _edit(root, arguments, scope)

    async def run(arguments: Arguments, scope: Scope) -> Output:
        return await beside(work, arguments, scope)

    description, schema = texts.of("edit", SCHEMA)
    return Tool("edit", description, schema, run, "ask", path="path")


def _edit(root: Root, arguments: Arguments, scope: Scope) -> Output:
    path = arguments["path"]
    before = _text(root, path, scope)
    old, new = arguments["old_string"], arguments["new_string"]
    if old not in before and "\r\n" in before:
        # Models write no carriage returns, and `read` shows none.
        old, new = (text.replace("\r\n", "\n").replace("\n", "\r\n") for text in (old, new))
    after = replaced(before, old, new, arguments.get("replace_all", False), path)
    place = write(root, path, after.encode("utf-8"), scope.permit).place
    return Output(difference(before, after, place))


def replaced(before: str, old: str, new: str, everywhere: bool, path: str) -> str:
    count = before.count(old)
    if old == new:
        raise ToolFailed("old_string and new_string are the same: there is nothing to change.")
    if not count:
        raise ToolFailed(f"old_string is not in {path}. Read the file again, and give the text exactly as it is there.")
    if count > 1 and not everywhere:
        raise ToolFailed(f"old_string is {count} times in {path}. Give more lines around it, or set replace_all.")
    after = before.replace(old, new)
    if len(after) > LARGEST:
        raise ToolFailed(f"{path} would become larger than {LARGEST} characters.")
    return after


def _text(root: Root, path: str, scope: Scope) -> str:
    with root.file(path) as descriptor:
        scope.permit(root.real(descriptor))
        if os.fstat(descriptor).st_size > LARGEST:
            raise ToolFailed(f"{path} is larger than {LARGEST} bytes. Change it with a program instead.")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ToolFailed(f"{path} is no text in UTF-8. Change it with a program instead.") from None

"""`list`: what is in one folder."""

import os
import stat

from ..files import Root
from ..files.refusals import told
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool
from .threads import beside

MOST = 300
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}


def listing(root: Root, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        return await beside(_list, root, arguments.get("path") or ".", scope)

    description, schema = texts.of("list", SCHEMA)
    return Tool("list", description, schema, run, "allow", path="path")


def _list(root: Root, path: str, scope: Scope) -> Output:
    with root.directory(path) as folder:
        scope.permit(root.real(folder))
        with told(path):
            names = sorted(os.listdir(folder))
        shown = [_entry(folder, name) for name in names[:MOST]]
    if len(names) > MOST:
        shown.append(f"[and {len(names) - MOST} more]")
    return Output("\n".join(shown) or f"{path} is empty.")


def _entry(folder: int, name: str) -> str:
    shown = name.encode("utf-8", "replace").decode()
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return shown
    if stat.S_ISDIR(found.st_mode):
        return f"{shown}/"
    if stat.S_ISREG(found.st_mode):
        return f"{shown} ({found.st_size} bytes)"
    return f"{shown} ({'a link' if stat.S_ISLNK(found.st_mode) else 'no file'})"

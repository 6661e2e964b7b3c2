"""`read`: some lines of a text file, or a picture as it is."""

import base64
import os

from ...chat import Image
from ..files import Root
from ..files.reading import Lines, lines
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool, ToolFailed
from .threads import beside

LINES = 1000  # where the model names no number
ROOM = 24_000  # bytes, some 8,000 tokens
LARGEST_PICTURE = 4 * 2**20
LOOK = 4096
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "offset": {"type": "integer", "minimum": 1, "maximum": 10**12},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10**6},
    },
    "required": ["path"],
}


def read(root: Root, outputs: Root, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        return await beside(_read, root, outputs, arguments, scope)

    description, schema = texts.of("read", SCHEMA)
    return Tool("read", description, schema, run, "allow", path="path")


def _read(root: Root, outputs: Root, arguments: Arguments, scope: Scope) -> Output:
    path = arguments["path"]
    kept = path.startswith(OUTPUT)
    with (outputs if kept else root).file(path.removeprefix(OUTPUT)) as descriptor:
        if not kept:
            scope.permit(root.real(descriptor))
        beginning = os.pread(descriptor, LOOK, 0)
        size = os.fstat(descriptor).st_size
        if kind := picture(beginning):
            return _picture(descriptor, path, kind, size)
        if is_binary(beginning):
            return Output(f"{path} is a binary file of {size} bytes, which cannot be shown as text.")
        first, count = int(arguments.get("offset", 1)), int(arguments.get("limit", LINES))
        found = lines(descriptor, first, count, ROOM)
    if found is None:
        raise ToolFailed(f"{path} has no line {first}, or it lies too far behind to be looked for.")
    return Output(_told(path, found, size))


# What `bash` said too much of is kept under such names.
OUTPUT = "output:"


def picture(beginning: bytes) -> str | None:
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in PICTURES.items() if beginning.startswith(mark)), None)


def is_binary(beginning: bytes) -> bool:
    """A character that was cut at the end says nothing."""
    return b"\0" in beginning or beginning.decode("utf-8", "replace").count("�") > 1 + len(beginning) // 20


def _picture(descriptor: int, path: str, kind: str, size: int) -> Output:
    if size > LARGEST_PICTURE:
        raise ToolFailed(f"{path} is a picture of {size} bytes; {LARGEST_PICTURE} are the most that can be shown.")
    held = b""
    while chunk := os.read(descriptor, LARGEST_PICTURE + 1 - len(held)):
        held += chunk
    url = f"data:{kind};base64,{base64.b64encode(held).decode()}"
    return Output(f"{path} is a picture ({kind}, {size} bytes).", (Image(url),))


def _told(path: str, found: Lines, size: int) -> str:
    text = found.text.decode("utf-8", "replace")
    if not size:
        return f"{path} is empty."
    if found.first == 1 and not found.more:
        return text
    last = found.first + found.count - 1
    cut = ", the last of them not to its end" if found.cut else ""
    on = f"; more from offset {last + 1}" if found.more else ""
    return f"[{path}: lines {found.first} to {last}{cut}{on}]\n{text}"

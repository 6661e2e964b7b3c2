"""`write`: a whole file."""

from ..files import Root, writing
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool
from .threads import beside

MOST = 4 * 2**20  # characters
SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string", "minLength": 1}, "content": {"type": "string", "maxLength": MOST}},
    "required": ["path", "content"],
}


def write(root: Root, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        content = arguments["content"].encode("utf-8")
        done = await beside(writing.write, root, arguments["path"], content, scope.permit)
        new = "A new file." if done.before is None else f"What was there, {done.before} bytes, is replaced."
        return Output(f"Wrote {len(content)} bytes to {done.place}. {new}")

    description, schema = texts.of("write", SCHEMA)
    return Tool("write", description, schema, run, "ask", path="path")

"""`skill`: instructions for a kind of task, read only when there is such a one."""

from pathlib import Path

from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool

PLACE = "{skills}"


def skill(folder: Path, texts: Texts) -> Tool:
    """One file each; its first line says what for."""
    known = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))}

    async def run(arguments: Arguments, scope: Scope) -> Output:
        return Output(known[arguments["name"]])

    schema = {"type": "object", "properties": {"name": {"type": "string", "enum": list(known)}}, "required": ["name"]}
    description, full = texts.of("skill", schema)
    shown = "\n".join(f"{name}: {text.splitlines()[0]}" for name, text in known.items())
    return Tool("skill", description.replace(PLACE, shown), full, run, "allow")

"""`bash` and `python`: programs in the sandbox."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..keeping import Kept
from ..sandbox.project import Ended, Project
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool, ToolFailed

SECONDS = 30
PACKAGES_SECONDS = 300
MANAGERS = (
    "pip", "pip3", "uv", "poetry", "conda", "npm", "npx", "pnpm", "yarn", "bun", "cargo", "go", "mvn", "gradle", "make",
    "bundle", "composer", "dotnet", "apt", "apt-get",
)  # fmt: skip
# At the beginning of a command, also behind another one, and behind words that only say how.
MANAGER = re.compile(
    r"(?:^|[;&|(\n])\s*(?:\w+=\S*\s+|time\s+|env\s+)*(?:python3?\s+-m\s+)?(" + "|".join(MANAGERS) + r")(?=\s|$)"
)
# What small models give to Python.
COMMAND = re.compile(r"\s*(?:\$ *)?(?:python3? +-|(?:pip3?|pytest|npm|git|ls|cat|cd|mkdir|make|bash)\b(?! *[=(.\[]))")
NO_PYTHON = "this is a shell command: call bash with it"
# One argument of a program may have 128 KiB, and a character 4 bytes.
LONGEST = 30_000


def bash(project: Project, outputs: Path, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        command = arguments["command"]
        most = PACKAGES_SECONDS if MANAGER.search(command) else SECONDS
        return await _run(project, outputs, ["bash", "-c", command], arguments, most)

    description, schema = texts.of("bash", _schema("command"))
    return Tool("bash", description, schema, run, "ask", seconds=PACKAGES_SECONDS + 10)


def python(project: Project, outputs: Path, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        output = await _run(project, outputs, ["python3", "-c", arguments["code"]], arguments, SECONDS)
        if output.failed and "SyntaxError" in output.content and COMMAND.match(arguments["code"]):
            return replace(output, content=f"{output.content}\n[{NO_PYTHON}]")
        return output

    description, schema = texts.of("python", _schema("code"))
    return Tool("python", description, schema, run, "ask", seconds=SECONDS + 10)


def _schema(what: str) -> dict[str, object]:
    program = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    seconds = {"type": "integer", "minimum": 0, "maximum": PACKAGES_SECONDS}
    return {"type": "object", "properties": {what: program, "seconds": seconds}, "required": [what]}


async def _run(project: Project, outputs: Path, inside: Sequence[str], arguments: Arguments, most: int) -> Output:
    if "\0" in inside[-1]:
        raise ToolFailed("A program cannot have a zero byte in it.")
    seconds = min(int(arguments.get("seconds") or most), most)
    with Kept(outputs) as kept:
        ended = await project.run(inside, seconds, kept.take)
        said = kept.text().rstrip("\n")
    notes = [f"[{note}]" for note in _notes(ended, seconds)]
    return Output("\n".join(([said] if said else []) + notes) or "[no output]", failed=ended.code != 0)


def _notes(ended: Ended, seconds: int) -> list[str]:
    notes = [f"{path} was renamed: it would be obeyed later, outside the sandbox" for path in ended.put_aside]
    if ended.full:
        return ["stopped: it said too much", *notes]
    if ended.crowded:
        return ["stopped: the disk of this host is nearly full", *notes]
    if ended.code is None:
        return [f"stopped after {seconds} seconds", *notes]
    return [f"exit code {ended.code}", *notes] if ended.code else notes

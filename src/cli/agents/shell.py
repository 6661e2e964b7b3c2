"""What would be started, as a script for a POSIX shell: to be read, or pasted."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .agent import Agent, Folders, Setup

END = "END_OF_FILE"
CONTINUED = " \\\n  "


def script(agent: Agent, setup: Setup, folders: Folders, words: Sequence[str], hidden: Mapping[str, str]) -> str:
    """`hidden`: values that are not shown, and what a shell reads instead."""
    made = sorted({folders.home, *(file.parent for file in setup.files)})
    lines = ["mkdir -p " + " ".join(shlex.quote(str(folder)) for folder in made)]
    for file, text in setup.files.items():
        lines += [f"cat > {shlex.quote(str(file))} <<'{END}'", text, END]
    parts = [*_variables(setup, hidden), shlex.join([agent.program, *setup.arguments, *words])]
    return "\n".join([*lines, CONTINUED.join(parts)])


def content_of(file: Path) -> str:
    return f'"$(cat {shlex.quote(str(file))})"'


def _variables(setup: Setup, hidden: Mapping[str, str]) -> Iterator[str]:
    yield shlex.join(["env", *(word for name in setup.without for word in ("-u", name))])
    for name, value in setup.variables.items():
        yield f"{name}={hidden.get(value) or shlex.quote(value)}"

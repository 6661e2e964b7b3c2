"""Questions that want a Python function: those of MBPP. What is answered runs, but in the sandbox alone."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from ...tools.sandbox import Limits, NoSandbox, Sandbox
from .question import Asserts, Question

# The tasks that MBPP's authors keep for testing; the others are examples and for training.
TESTED = range(11, 511)
MOST_TOKENS = 400
FENCED = re.compile(r"```(?:[Pp]ython[0-9]?|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
# An answer that merely ends early, even with exit code 0, has not come to the asserts.
PASSED = 42
RUNNER = f"""
import json, sys
code, asserts = json.load(sys.stdin)
space = {{"__name__": "answer"}}
exec(code, space)
exec(asserts, space)
sys.exit({PASSED})
"""
LIMITS = Limits(seconds=10, cpu_seconds=5)
SYSTEM = Path("/usr/bin/python3")


class Runner:
    """A Python that works inside the sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        # Root's own may lie where the user that the sandbox runs as cannot go.
        usable = (one for one in (Path(sys.executable).resolve(), SYSTEM) if self._run(one, "", "") == PASSED)
        python = next(usable, None)
        if python is None:
            raise NoSandbox("There is no Python that works in the sandbox.")
        self._python = python

    def passes(self, text: str, wanted: Asserts) -> bool:
        return self._run(self._python, written(text), "\n".join(wanted.lines)) == PASSED

    def _run(self, python: Path, code: str, asserts: str) -> int | None:
        # -I: nothing of the folder, the user or the environment goes into it.
        inside = [str(python), "-I", "-c", RUNNER]
        readable = () if python == SYSTEM else (Path(sys.base_prefix).resolve(),)
        return self._sandbox.run(inside, json.dumps([code, asserts]), readable, LIMITS).code


def question(line: dict[str, Any], frame: str) -> Question:
    """`frame`: what is said around the task and its asserts."""
    asserts = [one for one in (line.get("test_setup_code"), *line["test_list"]) if one]
    said = frame.replace("{question}", line["text"]).replace("{asserts}", "\n".join(line["test_list"]))
    body = {"messages": [{"role": "user", "content": said}], "max_tokens": MOST_TOKENS}
    return Question(f"mbpp_{line['task_id']}", "code", body, Asserts(tuple(asserts)))


def written(text: str) -> str:
    """The first fenced block that defines something, else the first one, else all of it."""
    blocks: list[str] = FENCED.findall(text)
    return next((block for block in blocks if "def " in block), blocks[0] if blocks else text)

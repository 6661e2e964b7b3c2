"""`python -m tests.benchmarks.opencode --model FILE [--runs N] [--minutes N]`: the real opencode with a real model.

Each task is done in a repository of its own, started by `launch opencode`, and looked at afterwards. The program comes
from npm, as for the tests of agents (LOCALSWARM_TEST_AGENTS=FOLDER).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..agents.installed import programs
from ..agents.task import NOTES, QUESTION, WORD, Task
from ..cli.command import environment
from ..running import MAIN
from .servers import Ours

# opencode's own prompt takes 7,000 tokens.
CONTEXT = 24_576


@dataclass(frozen=True, slots=True)
class Work:
    name: str
    question: str
    files: dict[str, str]
    done: Callable[[Path], bool]


def _says(name: str, word: str) -> Callable[[Path], bool]:
    return lambda repo: word in (repo / name).read_text() if (repo / name).exists() else False


WORKS = (
    Work("copy a word", QUESTION, {"notes.txt": NOTES}, _says("answer.txt", WORD.strip())),
    Work(
        "a new file",
        "Create a file greet.py with a function greet(name) that returns 'Hello, NAME!'.",
        {},
        _says("greet.py", "def greet("),
    ),
    Work(
        "change a value",
        "In settings.ini set the port to 9090. Change nothing else.",
        {"settings.ini": "[server]\nhost = localhost\nport = 8080\n"},
        lambda repo: (repo / "settings.ini").read_text() == "[server]\nhost = localhost\nport = 9090\n",
    ),
)


def main() -> int:
    words = _arguments()
    installed = programs()
    server = Ours(words.model, words.threads, ("--context", str(CONTEXT), "--instances", "2", "--self-test", "off"))
    server.start()
    right = 0
    try:
        for at in range(words.runs):
            work = WORKS[at % len(WORKS)]
            begun = time.monotonic()
            with tempfile.TemporaryDirectory() as folder:
                good, said = _run(work, Path(folder), server.port, installed, 60 * words.minutes)
            right += good
            print(
                f"{at + 1}/{words.runs} {work.name}: {'right' if good else 'wrong'}, {time.monotonic() - begun:.0f} s"
            )
            if not good:
                print(said[-600:], file=sys.stderr, flush=True)
    finally:
        server.stop()
    print(f"right: {right} of {words.runs}")
    return 0


def _run(work: Work, folder: Path, port: int, installed: Path, seconds: float) -> tuple[bool, str]:
    task = Task.made_in(folder)
    task.notes.unlink()
    for name, text in work.files.items():
        (task.repo / name).write_text(text)
    url, state = f"http://127.0.0.1:{port}", folder / "state"
    command = [sys.executable, str(MAIN), "launch", "opencode", "--url", url, "--state-dir", str(state)]
    variables = environment(HOME=str(task.home), PWD=str(task.repo))
    variables["PATH"] = f"{installed}{os.pathsep}{variables['PATH']}"
    try:
        done = subprocess.run(
            [*command, "--", "run", work.question],
            cwd=task.repo, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        said = f"It took longer than {seconds:g} s."
    return work.done(task.repo), said


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.opencode")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=10, help="that one task may take")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

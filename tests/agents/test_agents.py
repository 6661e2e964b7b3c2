"""The real agents against the real application: started by `launch`, they read a file, write another, and end."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..api.serving import served
from ..cli.command import environment
from ..running import MAIN
from .installed import INSTALL_SECONDS, programs
from .task import ANSWER, NOTES, QUESTION, WORD, Call, Task, Worker

SECONDS = 120
ADDED = "*** Begin Patch\n*** Add File: {name}\n+{word}*** End Patch\n"


@dataclass(frozen=True, slots=True)
class Case:
    """How an agent is asked without a terminal, and what it calls its tools."""

    agent: str
    words: tuple[str, ...]
    read: Callable[[Task], Call]
    write: Callable[[Task], Call]


CASES = (
    Case(
        "opencode",
        ("run",),
        lambda task: ("read", {"filePath": str(task.notes)}),
        lambda task: ("write", {"filePath": str(task.answer), "content": WORD}),
    ),
    Case(
        # Its own sandbox cannot be built everywhere that tests run. It reads with a shell, and writes with a patch.
        "codex",
        ("exec", "--sandbox", "danger-full-access"),
        lambda task: ("exec_command", {"cmd": f"cat {task.notes.name}"}),
        lambda task: ("apply_patch", {"input": ADDED.format(name=task.answer.name, word=WORD)}),
    ),
    Case(
        "claude",
        ("--permission-mode", "acceptEdits", "-p"),
        lambda task: ("Read", {"file_path": str(task.notes)}),
        lambda task: ("Write", {"file_path": str(task.answer), "content": WORD}),
    ),
    Case(
        "qwen",
        ("--approval-mode", "auto-edit", "-p"),
        lambda task: ("read_file", {"file_path": str(task.notes)}),
        lambda task: ("write_file", {"file_path": str(task.answer), "content": WORD}),
    ),
    Case(
        "cline",
        (),
        lambda task: ("read_files", {"files": [{"path": str(task.notes)}]}),
        lambda task: ("editor", {"path": str(task.answer), "new_text": WORD}),
    ),
)


@pytest.fixture(scope="session")
def installed() -> Path:
    return programs()


@pytest.mark.timeout(SECONDS + INSTALL_SECONDS)  # the first one waits for npm
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.agent)
def test_the_whole_loop(case: Case, installed: Path, tmp_path: Path) -> None:
    task = Task.made_in(tmp_path)
    member = Worker(case.read(task), case.write(task))
    with served(member, key="hush") as url:
        done = launch(case, task, url, installed)
    assert done.returncode == 0 and ANSWER in done.stdout, done
    assert "Model metadata" not in done.stderr, "codex knows the model that it works with"
    assert task.answer.exists() and task.answer.read_text() == WORD, done
    assert NOTES.strip() in member.results()
    assert task.left_at_home() == []


def launch(case: Case, task: Task, url: str, installed: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MAIN), "launch", case.agent, "--url", url, "--state-dir", str(task.folder / "state")]
    # Some believe this variable more than where they are.
    variables = environment(HOME=str(task.home), PWD=str(task.repo), LOCALSWARM_API_KEY="hush")
    variables["PATH"] = f"{installed}:{variables['PATH']}"
    return subprocess.run(
        [*command, "--", *case.words, QUESTION],
        cwd=task.repo, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip

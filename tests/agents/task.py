"""One task for every agent, and a member that does it with the agent's own tools: read a file, write another."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from localswarm.chat import ChatRequest
from localswarm.swarm.member import Served

from ..swarm.scripted import ScriptedMember, Step, calls, says

CONTEXT = 65_536
QUESTION = "Read notes.txt, and write the word that it names into answer.txt."
NOTES, WORD, ANSWER = "The word is swan.\n", "swan\n", "The word was swan."

Call = tuple[str, dict[str, Any]]  # of a tool, with its arguments


@dataclass(frozen=True, slots=True)
class Task:
    """A fresh repository, and a home folder that nobody has configured anything in."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> "Task":
        task = cls(folder)
        task.home.mkdir()
        task.notes.parent.mkdir()
        task.notes.write_text(NOTES)
        subprocess.run(["git", "init", "--quiet"], cwd=task.repo, check=True)
        return task

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def notes(self) -> Path:
        return self.repo / "notes.txt"

    @property
    def answer(self) -> Path:
        return self.repo / "answer.txt"

    def left_at_home(self) -> list[str]:
        """What an agent has put into the user's own folders; a cache is nobody's configuration."""
        files = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file())
        return sorted(str(file) for file in files if file.parts[0] not in (".cache", ".npm"))


class Worker(ScriptedMember):
    """It sees from the conversation how far the task is, so that a request that is asked twice changes nothing."""

    def __init__(self, read: Call, write: Call) -> None:
        super().__init__(self._next)
        self._calls = (read, write)

    def served(self) -> Served:
        return replace(super().served(), context=CONTEXT, trained_context=CONTEXT)

    def _next(self, request: ChatRequest) -> Sequence[Step]:
        done = sum(len(message.results) for message in request.messages)
        if not request.tools:
            return says("A title")
        if done == len(self._calls):
            return says(ANSWER)
        name, arguments = self._calls[done]
        return calls(name, json.dumps(arguments), call_id=f"call_{done}")

    def results(self) -> str:
        """All that the tools answered, as far as it was told."""
        last = max(self.asked, key=lambda request: len(request.messages))
        return "\n".join(result.content for message in last.messages for result in message.results)

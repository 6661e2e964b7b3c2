"""`tools smoke`: the whole road of a call once, from a model to the sandbox and back into its answer.

What a weak model gets wrong is told apart from what does not work: a model that makes no call has to make one, which
shows the road all the same.
"""

import argparse
import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..settings import Settings
from . import connect
from .client import OK, Client, NodeDown, NodeFailed
from .smoke import Checks

BASH = "bash"
ROUNDS = 4
TOKENS = 1024  # of all rounds: models that think first need some
DONE, DENIED = "done", "denied"
# Of a program that was started, whatever it came to.
RAN = (DONE, "failed")
OPEN, CLOSED = "reached", "closed"
START = "python main.py --auto --tool-server --root FOLDER --yes-tools"
THERE = " The tools are those of {where}: whether its sandbox keeps programs from the network is seen by a smoke there."
PASS, WEAK, FAIL = "PASS", "WEAK", "FAIL"


@dataclass(frozen=True, slots=True)
class Task:
    """`command`: prints a number that nobody knows without running it."""

    command: str = field(default_factory=lambda: f"echo {secrets.token_hex(4)} | cksum")

    @property
    def question(self) -> str:
        return f"Run this command with bash, and tell me the first number that it prints: {self.command}"


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the question."""

    text: str
    steps: tuple[Mapping[str, Any], ...]

    @property
    def ran(self) -> bool:
        return any(step.get("state") in RAN for step in self.steps)

    def printed(self, command: str) -> str:
        """The first number that came of it; empty where it was not run."""
        ran = [step for step in self.steps if step.get("state") == DONE and command in str(step.get("arguments"))]
        return next((word for step in ran for word in str(step.get("content")).split()[:1] if word.isdigit()), "")

    def found(self, number: str) -> bool:
        return any(number in str(step.get("content")) for step in self.steps)


def run(settings: Settings, words: argparse.Namespace) -> int:
    road = Road(connect.connect(settings, words))
    report = road.walk()
    print(json.dumps(report, indent=2))
    return 0 if report["plumbing"] else 1


class Road:
    """Steps that need each other; the first that fails ends it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._checks = Checks()
        self._task = Task()
        self._number = ""
        self._place = ""  # the machine whose tools they are, where that is another one
        self._said = Said("", ())

    def walk(self) -> dict[str, Any]:
        for name, step in (("host", self._host), ("tools", self._tools), ("sandbox", self._sandbox)):
            if self._checks.passed and not self._place:
                with self._checks.check(name):
                    step()
        if not self._checks.passed:
            return self._report(FAIL, False, f"It does not work: {self._why()}")
        for name, step in (("model calls", self._calls), ("it runs", self._runs), ("answer uses it", self._uses)):
            if self._checks.passed:
                with self._checks.check(name):
                    step()
        if self._checks.passed:
            there = THERE.format(where=self._place) if self._place else ""
            return self._report(
                PASS, True, f"It works: a model called a tool, it ran, and the answer uses what it gave.{there}"
            )
        return self._weak(self._why())

    def _weak(self, why: str) -> dict[str, Any]:
        """The model's own doing, where a call of it came all the way."""
        if not self._said.ran:
            with self._checks.check("model has to call"):
                self._has_to_call()
        if self._said.ran:
            return self._report(WEAK, True, f"The plumbing works, and the model is too weak for it: {why}")
        return self._report(
            FAIL, False, f"The tools work when they are called directly, not for the model: {self._why()}"
        )

    def _report(self, result: str, plumbing: bool, says: str) -> dict[str, Any]:
        found: dict[str, Any] = {"result": result, "plumbing": plumbing, "model": None, "says": says}
        if plumbing:
            found["model"] = "able" if result == PASS else "too weak"
        return found | {"checks": [asdict(check) for check in self._checks.done]}

    def _why(self) -> str:
        return next((check.error for check in reversed(self._checks.done) if check.error), "")

    def _host(self) -> None:
        try:
            reply = self._client.health()
        except NodeDown:
            raise NodeFailed(f"No node runs at {self._client.url}. Start one with: {START}") from None
        if reply.status != OK:
            raise NodeFailed(reply.message)

    def _tools(self) -> None:
        try:
            found: Sequence[str] = [one["name"] for one in self._client.tools()]
        except NodeFailed:
            if (place := self._elsewhere()) is None:
                raise
            found = self._found(place)
        if BASH not in found:
            there = ", ".join(found) or "none"
            raise NodeFailed(f"There is no bash among its tools ({there}); the node said at its start why.")

    def _elsewhere(self) -> Mapping[str, Any] | None:
        """The machine whose tools its models use."""
        with suppress(NodeFailed):
            place = (self._client.federation() or {}).get("tool_host")
            return place if isinstance(place, dict) else None
        return None

    def _found(self, place: Mapping[str, Any]) -> Sequence[str]:
        if place.get("trouble"):
            raise NodeFailed(str(place["trouble"]))
        self._place = str(place.get("where") or "another machine")
        return [str(name) for name in place.get("tools") or ()]

    def _sandbox(self) -> None:
        number = self._own_call(self._task.command).split(maxsplit=1)[0]
        if not number.isdigit():
            raise NodeFailed(f"{self._task.command} printed no number: {number[:80]}")
        self._number = number
        # Where the node is another machine this shows nothing, and is no failure.
        address = urlsplit(self._client.url)
        port = f"/dev/tcp/{address.hostname}/{address.port or 80}"
        if OPEN in self._own_call(f"(: < {port}) 2> /dev/null && echo {OPEN} || echo {CLOSED}"):
            raise NodeFailed("A program in the sandbox reached the network. Do not use this tool host.")

    def _own_call(self, command: str) -> str:
        came = self._client.execute(BASH, {"command": command})
        content = str(came.get("content", ""))
        if came.get("state") == DENIED:
            raise NodeFailed(f"bash may not be used: {content} To allow it beforehand: {START}")
        if came.get("state") != DONE or not content.strip():
            raise NodeFailed(f"bash did not do what it should: {content[:300] or 'it said nothing'}")
        return content

    def _calls(self) -> None:
        self._said = self._ask()
        if not self._said.steps:
            raise NodeFailed(f"It made no call, and said: {_begin(self._said.text)}")

    def _runs(self) -> None:
        self._number = self._number or self._said.printed(self._task.command)
        if not self._number or not self._said.found(self._number):
            last = self._said.steps[-1]
            raise NodeFailed(f"It did not call what it was asked to: {_begin(str(last.get('arguments')))}")

    def _uses(self) -> None:
        if self._number not in self._said.text:
            raise NodeFailed(f"The tool gave {self._number}, and it said: {_begin(self._said.text)}")

    def _has_to_call(self) -> None:
        """Also where the call that it made did not come through."""
        self._said = self._ask(tool_choice="required")
        if not self._said.ran:
            state = self._said.steps[-1].get("content") if self._said.steps else "no call was made."
            raise NodeFailed(f"it had to call, and {_begin(str(state))}")

    def _ask(self, **more: str) -> Said:
        answer = self._client.chat(
            {
                "model": "swarm",
                "messages": [{"role": "user", "content": self._task.question}],
                "tools": [{"type": "swarm", "tools": [BASH], "max_rounds": ROUNDS}],
                "temperature": 0,
                "max_tokens": TOKENS,
            }
            | more
        )
        try:
            text = str(answer["choices"][0]["message"].get("content") or "")
            return Said(text, tuple(answer["swarm"].get("steps") or ()))
        except (LookupError, TypeError, AttributeError):
            raise self._client.foreign() from None


def _begin(text: str) -> str:
    text = " ".join(text.split())
    return (text if len(text) <= 120 else f"{text[:120]} ...") or "nothing."

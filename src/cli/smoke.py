"""Start a node, ask it, stop it: one JSON object with PASS or FAIL, as a check after an installation."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import SwarmError
from ..settings import OPTIONS, Settings
from . import amounts, connect
from .client import OK, Client, NodeFailed
from .own_node import OwnNode, ended_by_sigterm

EXAMPLES = """examples:
  python main.py smoke
  python main.py smoke --model ~/models/qwen.gguf --timeout 300
  python main.py smoke --url http://localhost:17615        a node that runs already
"""
SETTINGS = tuple(option.name for option in OPTIONS)
# A large model takes minutes to load from a slow disk.
START_SECONDS = 600
STOP_SECONDS = 5.0
TOKENS = 16
QUESTION = {"model": "swarm", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": TOKENS}


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    seconds: float
    error: str | None = None


class Checks:
    """What was tried so far. After a failure the rest is left out: it would fail for the same reason."""

    def __init__(self) -> None:
        self.done: list[Check] = []

    @property
    def passed(self) -> bool:
        return all(check.ok for check in self.done)

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        error: str | None = None
        try:
            yield
        except SwarmError as failure:
            error = failure.message
        self.done.append(Check(name, error is None, round(time.monotonic() - begun, 3), error))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connect.add_flags(parser)
    text = f"wait so long for the start, and for each answer (default {START_SECONDS})"
    parser.add_argument("--timeout", type=amounts.seconds, default=START_SECONDS, metavar="SECONDS", help=text)


def run(settings: Settings, words: argparse.Namespace) -> int:
    checks = Checks()
    if words.url:
        _ask(checks, connect.connect(settings, words, words.timeout))
    else:
        with ended_by_sigterm():
            _with_own_node(checks, OwnNode(with_a_model(settings), words.config, words.timeout))
    result = "PASS" if checks.passed else "FAIL"
    print(json.dumps({"result": result, "checks": [asdict(check) for check in checks.done]}, indent=2))
    return 0 if checks.passed else 1


def with_a_model(settings: Settings) -> Settings:
    return settings if settings.model else replace(settings, auto=True)


def _with_own_node(checks: Checks, node: OwnNode) -> None:
    with node:
        with checks.check("start"):
            node.start()
        if checks.passed:
            _ask(checks, node.client)
            with checks.check("stop"):
                node.stop(STOP_SECONDS)


def _ask(checks: Checks, client: Client) -> None:
    steps: list[tuple[str, Callable[[Client], None]]] = [
        ("health", _health), ("models", _models), ("generate", _generate), ("stream", _stream),
    ]  # fmt: skip
    for name, step in steps:
        if checks.passed:
            with checks.check(name):
                step(client)


def _health(client: Client) -> None:
    reply = client.health()
    if reply.status != OK:
        raise NodeFailed(reply.message)


def _models(client: Client) -> None:
    if not client.models():
        raise NodeFailed("The node lists no models.")


def _generate(client: Client) -> None:
    answer = client.chat(QUESTION)
    choices = answer.get("choices") or [{}]
    _expect_text(_text(choices[0].get("message", {})), answer.get("usage"))


def _stream(client: Client) -> None:
    events = list(client.stream(QUESTION | {"stream_options": {"include_usage": True}}))
    choices = [choice for event in events for choice in event.get("choices", ())]
    text = "".join(_text(choice["delta"]) for choice in choices)
    _expect_text(text, events[-1].get("usage") if events else None)
    if not any(choice.get("finish_reason") for choice in choices):
        raise NodeFailed("The streamed answer has no finish reason.")


def _text(message: dict[str, Any]) -> str:
    """A model that thinks first may not have come further."""
    return str(message.get("content") or message.get("reasoning_content") or "")


def _expect_text(text: str, usage: dict[str, Any] | None) -> None:
    if not text.strip():
        raise NodeFailed("The answer is empty.")
    if not usage or not usage.get("completion_tokens"):
        raise NodeFailed("The answer does not say how many tokens it has.")

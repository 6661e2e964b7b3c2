"""A client that costs little and notes when each token came."""

import json
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

WORDS = (
    "the cat sat on a mat while dogs run over green hills and old people talk about weather news music food "
    "science art rivers stones birds fish clouds rain wind fire trees roads ships and houses by the sea"
).split()


@dataclass
class Timeline:
    """Seconds since the request was sent."""

    tokens: list[float] = field(default_factory=list)
    end: float = 0.0
    usage: dict[str, Any] = field(default_factory=dict)
    text: str = ""

    @property
    def first(self) -> float:
        return self.tokens[0]

    @property
    def rate(self) -> float:
        """Tokens per second after the first. Some events hold no text or several tokens, so usage counts."""
        return float(self.usage["completion_tokens"] - 1) / (self.tokens[-1] - self.tokens[0])

    @property
    def longest_gap(self) -> float:
        return max(b - a for a, b in zip(self.tokens, self.tokens[1:], strict=False))


def prompt(tokens: int, seed: int) -> str:
    """Words that are one token each, in an order never seen before."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(tokens))


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def ask(port: int, messages: list[dict[str, str]], max_tokens: int, n: int = 1) -> Timeline:
    body = {
        "messages": messages,
        "max_tokens": max_tokens,
        "n": n,
        "temperature": 0.8,
        "seed": 1,
        "ignore_eos": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    line = Timeline()
    begun = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {response.read()[:500]!r}")
    for data in response:
        if data.startswith(b"data: {"):
            _note(line, json.loads(data[6:]), time.perf_counter() - begun)
    line.end = time.perf_counter() - begun
    connection.close()
    return line


def ask_all(port: int, requests: list[tuple[list[dict[str, str]], int]]) -> list[Timeline]:
    """All at once."""
    lines: list[Timeline | None] = [None] * len(requests)

    def run(at: int) -> None:
        lines[at] = ask(port, *requests[at])

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [line for line in lines if line]


def _note(line: Timeline, event: dict[str, Any], now: float) -> None:
    line.usage = event.get("usage") or line.usage
    for choice in event["choices"]:
        if text := choice["delta"].get("content"):
            line.tokens.append(now)
            line.text += text

"""What `bench` measures. Tokens are counted by the node (`usage`), seconds here."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from .client import Client, NodeFailed

READ_SIZES = (512, 2048)
WRITERS = (1, 4, 8)
WRITTEN = 64
SHORT = 16
# The chat template and the answer.
BESIDE_PROMPT = 128
WORDS = (
    "the cat sat on a mat while dogs run over green hills and old people talk about weather news music food "
    "science art rivers stones birds fish clouds rain wind fire trees roads ships and houses by the sea"
).split()


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    rate: float | None  # tokens per second; None where it cannot be measured
    note: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """One answer that was streamed: seconds on one clock, and its tokens."""

    first: float
    last: float
    tokens: int


def every(client: Client, model: dict[str, Any], rounds: int) -> Iterator[Figure]:
    client.chat(_body(SHORT, 1))  # the first request of all pays for what later ones find ready
    for size in READ_SIZES:
        name = f"read {size} tokens"
        if size + BESIDE_PROMPT > model["context_length"]:
            yield Figure(name, None, f"the context has only {model['context_length']} tokens")
        else:
            yield Figure(name, _median(rounds, partial(read, client, size)))
    for count in WRITERS:
        name = f"write {count} at once"
        if count > model["seats"]:
            yield Figure(name, None, f"there are only {model['seats']} seats")
        else:
            yield Figure(name, _median(rounds, partial(write, client, count)))


def read(client: Client, size: int) -> float:
    """One token is written, since an answer has at least that."""
    begun = time.perf_counter()
    usage = client.chat(_body(size, 1))["usage"]
    seconds = time.perf_counter() - begun
    new = usage["prompt_tokens"] - usage.get("prompt_tokens_details", {}).get("cached_tokens", 0)
    return float(new / seconds)


def write(client: Client, count: int) -> float:
    """All together, from the first token of the first to the last of the last."""
    done: list[Writing | NodeFailed] = []
    threads = [threading.Thread(target=_write_into, args=(client, done), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = [one for one in done if isinstance(one, Writing)]
    for one in done:
        if isinstance(one, NodeFailed):
            raise one
    seconds = max(one.last for one in whole) - min(one.first for one in whole)
    # The first token of the first opens the clock, and is not counted.
    return (sum(one.tokens for one in whole) - 1) / seconds


def _write_into(client: Client, done: list[Writing | NodeFailed]) -> None:
    try:
        done.append(_write(client))
    except NodeFailed as error:
        done.append(error)


def _write(client: Client) -> Writing:
    times = []
    usage: dict[str, Any] = {}
    for event in client.stream(_body(SHORT, WRITTEN) | {"stream_options": {"include_usage": True}}):
        usage = event.get("usage") or usage
        if any(choice["delta"].get("content") for choice in event["choices"]):
            times.append(time.perf_counter())
    if len(times) < 2 or "completion_tokens" not in usage:
        raise NodeFailed("An answer was too short to be measured. Try again.")
    return Writing(times[0], times[-1], usage["completion_tokens"])


def _body(prompt_tokens: int, max_tokens: int) -> dict[str, Any]:
    """Words that are about one token each, in an order that no node has seen before."""
    text = " ".join(random.choices(WORDS, k=prompt_tokens))
    return {
        "model": "swarm",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": max_tokens,
        "ignore_eos": True,
    }


def _median(rounds: int, measure: Callable[[], float]) -> float:
    return round(median(measure() for _ in range(rounds)), 1)

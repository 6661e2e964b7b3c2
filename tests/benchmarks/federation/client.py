"""A client on a host of the lab, which notes when each piece of its answer came."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, TypeVar

from ...lan.netlab import Host
from ...lan.slow_member import expected
from ...lan.slow_node import API

T = TypeVar("T")
Said = tuple[str, str]  # role, text
TIMEOUT_SECONDS = 60.0


@dataclass(slots=True)
class Answer:
    """Times are seconds since the request was sent."""

    wanted: str
    text: str = ""
    reason: str = ""
    error: str = ""
    done: bool = False
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    trail: dict[str, Any] = field(default_factory=dict)

    @property
    def fault(self) -> str:
        """Why it is no whole answer."""
        if self.error:
            return self.error
        if not (self.reason == "length" and self.done):
            return f"no end: {self.reason!r}"
        return "" if self.text == self.wanted else f"wrong text: {self.text!r}"

    @property
    def went_on(self) -> bool:
        """Another member ended what one began."""
        return any("went on" in warning for warning in self.trail.get("warnings", ()))

    @property
    def gap(self) -> float:
        return max((after - before for before, after in zip(self.times, self.times[1:], strict=False)), default=0.0)


def ask(host: Host, said: Sequence[Said], tokens: int, model: str = "swarm", into: Answer | None = None) -> Answer:
    """`into`: filled on the way, for whoever watches."""
    answer = into or Answer("")
    answer.wanted = expected("".join(f"<{role}>{text}" for role, text in said), tokens)
    body = {
        "model": model,
        "messages": [{"role": role, "content": text} for role, text in said],
        "max_tokens": tokens,
        "stream": True,
    }
    begun = time.monotonic()
    try:
        host.call(_stream, json.dumps(body), answer, begun)
    except (OSError, HTTPException) as error:
        answer.error = repr(error)
    answer.seconds = time.monotonic() - begun
    return answer


def all_of(jobs: Sequence[Callable[[], T]], at_once: int) -> list[T]:
    with ThreadPoolExecutor(at_once) as pool:
        return [job.result() for job in [pool.submit(job) for job in jobs]]


def _stream(body: str, answer: Answer, begun: float) -> None:
    connection = HTTPConnection("127.0.0.1", API, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            answer.error = f"{response.status}: {response.read(500)!r}"
            return
        for event in _events(response, answer):
            _note(answer, event, time.monotonic() - begun)
    finally:
        connection.close()


def _events(response: HTTPResponse, answer: Answer) -> Iterator[dict[str, Any]]:
    for line in response:
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])
        elif line.startswith(b"data: [DONE]"):
            answer.done = True


def _note(answer: Answer, event: dict[str, Any], now: float) -> None:
    if error := event.get("error"):
        answer.error = str(error)
    answer.trail = event.get("swarm") or answer.trail
    for choice in event.get("choices", ()):
        answer.reason = choice["finish_reason"] or answer.reason
        if text := choice["delta"].get("content"):
            answer.text += text
            answer.times.append(now)

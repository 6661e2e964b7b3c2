"""A client on a host of a lab: one question, and how its answer ended."""

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from .netlab import Host
from .slow_member import expected

PORT = 17615
# No answer of a test takes so long: whoever waits longer hangs.
HUNG_SECONDS = 90.0
End = Literal["", "whole", "error"]


@dataclass(slots=True)
class Heard:
    """Everything that came, and when each piece of text did."""

    pieces: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    done: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, data: str) -> None:
        if data == "[DONE]":
            self.done += 1
            return
        event: dict[str, Any] = json.loads(data)
        if "error" in event:
            self.errors.append(event["error"]["message"])
        for choice in event.get("choices", ()):
            if text := choice["delta"].get("content"):
                self.pieces.append(text)
                self.times.append(time.monotonic())
            if reason := choice["finish_reason"]:
                self.reasons.append(reason)


def body(prompt: str, length: int, model: str) -> dict[str, Any]:
    words = [{"role": "user", "content": prompt}]
    return {"model": model, "messages": words, "max_tokens": length, "temperature": 0}


class Asked:
    """A question that is asked at once. `wrong`: what a client must never see; empty where all is well."""

    def __init__(self, host: Host, prompt: str, length: int = 100, model: str = "slow", real: bool = False) -> None:
        """`real`: a model of which nobody knows what it will say."""
        self.heard = Heard()
        self.wrong = ""
        self.begun = time.monotonic()
        self.ended: float | None = None
        self._expected = None if real else expected(f"<user>{prompt}", length)
        self._body = json.dumps({**body(prompt, length, model), "stream": True})
        self._thread = threading.Thread(target=host.call, args=(self._ask,), daemon=True)
        self._thread.start()

    @property
    def end(self) -> End:
        if self.ended is None or self.wrong:
            return ""
        return "error" if self.heard.errors else "whole"

    @property
    def written(self) -> int:
        return len(self.heard.text)

    @property
    def gap(self) -> float:
        """The longest silence after the first word."""
        times = self.heard.times
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)

    def wait(self, seconds: float = HUNG_SECONDS) -> "Asked":
        self._thread.join(seconds)
        if self._thread.is_alive():
            self.wrong = f"no end after {seconds} s: {self.heard}"
        return self

    def _ask(self) -> None:
        try:
            self._listen()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.wrong = f"the stream was cut: {error!r}"
        else:
            self.wrong = self._judged()
        self.ended = time.monotonic()

    def _listen(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=HUNG_SECONDS)
        try:
            connection.request("POST", "/v1/chat/completions", self._body, {"content-type": "application/json"})
            reply = connection.getresponse()
            if reply.status != 200:
                self.heard.errors.append(json.loads(reply.read())["error"]["message"])
                return
            for line in reply:
                if line.startswith(b"data: "):
                    self.heard.take(line.removeprefix(b"data: ").decode().strip())
        finally:
            connection.close()

    def _judged(self) -> str:
        heard = self.heard
        wanted = heard.text if self._expected is None else self._expected
        if not wanted.startswith(heard.text):
            return f"other words than expected: {heard.text!r} and not {wanted!r}"
        if heard.errors:
            return "" if len(heard.errors) == 1 and not heard.reasons else f"an error and more: {heard}"
        whole = heard.text == wanted and len(heard.reasons) == 1 and heard.done == 1
        return "" if whole else f"neither whole nor an error: {heard}"

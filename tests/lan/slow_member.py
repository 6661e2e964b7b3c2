"""A member that takes its time: a model of which only the speed is real. One token is one character."""

import asyncio
import hashlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from localswarm.chat import (
    Accepted,
    Candidate,
    ChatRequest,
    Embedding,
    Emit,
    Finished,
    Message,
    Reason,
    Text,
    TextDelta,
    Usage,
    Written,
)
from localswarm.errors import EngineDied
from localswarm.swarm.member import Busy, Details, Served

CONTEXT = 100_000
LENGTH = 200
CACHED = 32
# A prompt with this word kills who writes the answer to it, after so many tokens.
DEADLY, DEADLY_AFTER = "deadly", 5


@dataclass(slots=True)
class SlowMember:
    """`writes`, `reads`: tokens a second, each seat for itself. `steps` counts what it has done."""

    name: str = "local"
    model: str = "slow"
    seats: int = 4
    writes: float = 100.0
    reads: float = 10_000.0
    steps: int = 0
    read: int = 0  # tokens that it had to read
    prompts: int = 0  # tokens of all prompts
    running: int = 0
    waiting: int = 0
    _free: asyncio.Semaphore | None = None
    _cached: list[str] = field(default_factory=list)

    def served(self) -> Served:
        details = Details("slow", "Q4", digest=self.model, continues=True, reads=self.reads, writes=self.writes)
        return Served(self.model, CONTEXT, CONTEXT, self.seats, 1_700_000_000, (), details)

    def busy(self) -> Busy:
        return Busy(self.waiting, self.running, 0, 0, 0)

    async def generate(self, request: ChatRequest, emit: Emit) -> list[Candidate]:
        self._free = self._free or asyncio.Semaphore(self.seats)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            return [await self._write(request, emit)]
        finally:
            self.running -= 1
            self._free.release()

    async def count(self, request: ChatRequest) -> int:
        return len(prompt_of(request))

    async def tokenize(self, text: str, special: bool, framed: bool = False) -> list[int]:
        return [ord(one) for one in text]

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [Embedding((1.0, 0.0), len(text)) for text in texts]

    async def _write(self, request: ChatRequest, emit: Emit) -> Candidate:
        prompt, text, reason = prompt_of(request), answer_to(request), reason_of(request)
        cached = await self._read(prompt)
        await emit(Accepted(len(prompt)))
        begun = len(request.begun.tokens) if request.begun else 0
        due = time.monotonic()
        for at, one in enumerate(text):
            if at >= begun:
                # A busy machine wakes it late, and each time a little more would add up.
                due = max(due + 1 / self.writes, time.monotonic())
                await asyncio.sleep(due - time.monotonic())
            if DEADLY in prompt and at == begun + DEADLY_AFTER:
                die(request)
            self.steps += 1
            if request.sampling.traced:
                await emit(Written((ord(one),)))
            await emit(TextDelta(one))
        usage = Usage(len(prompt), len(text), cached)
        await emit(Finished(reason, usage))
        return Candidate(self.name, Message("assistant", (Text(text),)), reason, usage)

    async def _read(self, prompt: str) -> int:
        cached = max((_common(prompt, known) for known in self._cached), default=0)
        self.prompts += len(prompt)
        self.read += len(prompt) - cached
        self._cached = [prompt, *self._cached][:CACHED]
        for _ in range(0, len(prompt) - cached, max(1, round(self.reads / 10))):
            await asyncio.sleep(min(0.1, (len(prompt) - cached) / self.reads))
            self.steps += 1
        return cached


def die(request: ChatRequest) -> None:
    """The engine of the node that was asked first, and the whole of another node."""
    if not request.policy.local_only:
        raise EngineDied("The engine died.")
    os.kill(os.getpid(), signal.SIGKILL)


def prompt_of(request: ChatRequest) -> str:
    return "".join(f"<{message.role}>{message.text}" for message in request.messages)


def answer_to(request: ChatRequest) -> str:
    """The same at every member, so that a client can tell whether it is whole."""
    return expected(prompt_of(request), request.sampling.max_tokens or LENGTH)


def expected(prompt: str, length: int) -> str:
    words = (hashlib.sha256(f"{prompt}{number}".encode()).hexdigest()[:6] for number in range(length // 7 + 1))
    return " ".join(words)[:length]


def reason_of(request: ChatRequest) -> Reason:
    return "stop" if request.sampling.max_tokens is None else "length"


def _common(one: str, other: str) -> int:
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    return same

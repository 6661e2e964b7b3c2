"""The parent's side of an engine process: it is started, listened to, watched, and started again.

    loading -> ready -> (dies) -> down -> loading ...

A request that was running when the process died ends in EngineDied; it never looks finished.
"""

import asyncio
import contextlib
import logging
import sys
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from ..chat import Embedding, Sampling
from ..errors import EngineDied, ModelLoading, ModelUnusable, SwarmError
from . import frames
from .awaited import Answer, Question, Told
from .base import Card, EngineOptions, Load, Prompt
from .frames import Frame, embeddings_from_wire

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "localswarm.engines.host")
# The longest frame is `ready`, with the chat template; some templates are tens of kilobytes.
LONGEST_FRAME = 16 * 2**20
LAST_LINES = 30
LOG_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    ping: float = 1.0
    # No frame at all, not even a pong: the process is stopped or gone.
    silence: float = 10.0
    # It answers pings, but its engine has made no step although it has work.
    stuck: float = 300.0
    first_pause: float = 0.5
    longest_pause: float = 30.0
    # After so long in service the next death counts as the first again.
    healthy: float = 60.0
    close: float = 0.5
    tries: int = 3  # to come up for the first time


@dataclass(frozen=True, slots=True)
class Loading:
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class Ready:
    card: Card


@dataclass(frozen=True, slots=True)
class Down:
    why: str
    until: float  # time.monotonic() of the next try


State = Loading | Ready | Down


class Ground(Protocol):
    """What an engine needs beside its own machine."""

    async def ready(self) -> None:
        """Wait until it is there."""
        ...

    def trouble(self) -> str:
        """Why an engine ended that lost it; empty where it did not."""
        ...


class EngineProcess:
    def __init__(
        self,
        options: EngineOptions,
        log: Path,
        timing: Timing | None = None,
        command: Sequence[str] = COMMAND,
        on_progress: Callable[[float], None] = lambda _: None,
        smaller: Sequence[EngineOptions] = (),
        environment: Mapping[str, str] | None = None,
        ground: Ground | None = None,
    ) -> None:
        """`smaller`: what to load with, one after the other, where the options before could not be loaded."""
        self.state: State = Loading()
        self.load = Load()
        self.most_memory = 0  # bytes that any of its processes took
        self.restarts = 0
        self._options = options
        self._smaller = list(smaller)
        self._log = log
        self._timing = timing or Timing()
        self._command = command
        self._environment = environment
        self._ground = ground
        self._on_progress = on_progress
        self._first: asyncio.Future[Card] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._answers: dict[str, Answer] = {}
        self._questions: dict[str, Question] = {}
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._failure = ""
        self._heard = 0.0
        self._moved = 0.0
        self._closing = False
        self._was_ready = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def heard(self) -> int:
        """Another number each time when it says anything: a process that is stopped, or hangs, says nothing."""
        return int(self._heard * 1000)

    async def run(self) -> None:
        """Keep an engine running until cancelled or closed."""
        pause = self._timing.first_pause
        while not self._closing:
            began = time.monotonic()
            await self._run_once()
            if self._closing:
                return
            if self._smaller and not self._first_future().done():
                self._options = self._smaller.pop(0)
                continue
            self.restarts += 1
            if time.monotonic() - began > self._timing.healthy:
                pause = self._timing.first_pause
            self.state = Down(self._why_it_ended(), time.monotonic() + pause)
            if self._was_ready:
                LOG.warning("%s It is being started again.", self.state.why)
            self._give_up_at_start()
            await asyncio.sleep(pause)
            if self._ground and self._was_ready:
                await self._ground.ready()
            pause = min(2 * pause, self._timing.longest_pause)

    async def first_card(self) -> Card:
        """Wait until the model is loaded for the first time; ModelUnusable where that cannot be."""
        return await asyncio.shield(self._first_future())

    def card(self) -> Card:
        """The loaded model, or the error that a client is to be told."""
        if isinstance(self.state, Ready):
            return self.state.card
        if isinstance(self.state, Loading):
            percent = round(100 * self.state.progress)
            raise ModelLoading(f"The model is being loaded ({percent} %). Try again in a moment.")
        wait = max(1, round(self.state.until - time.monotonic()))
        raise EngineDied(f"{self.state.why} It is being started again.", retry_after=wait + 1)

    @asynccontextmanager
    async def ask(self, job_id: str, prompt: Prompt, candidates: int, sampling: Sampling) -> AsyncIterator[Answer]:
        """Whoever leaves this context before the last piece cancels the job."""
        self.card()
        answer = self._answers[job_id] = Answer(candidates)
        # Not by `asdict`, which looks at each token of a prompt, and there may be a hundred thousand.
        written = {field.name: getattr(prompt, field.name) for field in fields(prompt)}
        wire = written | {"candidates": candidates, "sampling": asdict(sampling)}
        self._send({"do": "submit", "id": job_id} | wire)
        try:
            yield answer
        finally:
            del self._answers[job_id]
            if not answer.finished:
                self._send({"do": "cancel", "id": job_id})

    def finish(self, job_id: str, candidate: int) -> None:
        """Nothing more is wanted of this candidate; its last piece, with its usage, comes soon."""
        self._send({"do": "finish", "id": job_id, "candidate": candidate})

    async def tokenize(self, text: str, special: bool, framed: bool = False, cuts: Sequence[int] = ()) -> list[int]:
        parts = await self._question("tokenize", text=text, special=special, framed=framed, cuts=cuts)
        return [token for part in parts for token in part]

    async def detokenize(self, tokens: Sequence[int]) -> str:
        return "".join(await self._question("detokenize", tokens=list(tokens)))

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [one for part in await self._question("embed", texts=list(texts)) for one in embeddings_from_wire(part)]

    async def _question(self, word: str, **more: Any) -> list[Any]:
        """A command whose reply comes in parts."""
        self.card()
        name = uuid.uuid4().hex
        question = self._questions[name] = Question()
        self._send({"do": word, "id": name} | more)
        try:
            return await question.whole
        finally:
            del self._questions[name]
            if question.whole.cancelled():
                self._send({"do": "cancel", "id": name})

    async def close(self) -> None:
        """End the process, politely first."""
        self._closing = True
        self._fail_all(EngineDied("The engine was closed."))
        process = self._process
        if process is None:
            return
        self._send({"do": "close"})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self._timing.close)
        self._kill()

    async def _run_once(self) -> None:
        self.state = Loading()
        self._failure = ""
        self._process = process = await self._spawn()
        self._heard = self._moved = time.monotonic()
        self._send({"options": frames.options_to_wire(self._options)})
        tasks = [asyncio.create_task(work) for work in (self._listen(process), self._watch(), self._keep_log(process))]
        try:
            await tasks[0]
            await process.wait()
            await tasks[2]
        finally:
            self._kill()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.shield(process.wait())
            self._fail_all(EngineDied(f"{self._why_it_ended()} The request can be sent again."))

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_FRAME,
            # A Ctrl-C at the terminal is for the node, which then closes its engines in order.
            start_new_session=True,
            env=self._environment,
        )

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        while line := await self._line(process.stdout):
            self._heard = time.monotonic()
            try:
                self._hear(frames.decode(line))
            except (frames.BadFrame, KeyError, TypeError, ValueError) as error:
                self._failure = f"The engine sent something that is no frame ({error})."
                self._kill()

    async def _line(self, output: asyncio.StreamReader) -> bytes:
        """Empty at the end, which a line beyond all measure is too."""
        try:
            return await output.readline()
        except ValueError:
            self._failure = f"The engine sent a line of more than {LONGEST_FRAME // 2**20} MiB."
            self._kill()
            return b""

    def _hear(self, frame: Frame) -> None:
        word = frame["is"]
        if word == "step":
            self._moved = self._heard
            for wire in frame["pieces"]:
                self._tell(wire[0], frames.piece_from_wire(wire))
        elif word == "pong":
            self._take_load(frames.load_from_wire(frame["load"]))
        elif word == "accepted":
            self._tell(frame["id"], frame["prompt_tokens"])
        elif word == "refused":
            self._refuse(frame["id"], frames.error_from_wire(frame["error"]))
        elif word == "part":
            self._reply(frame["id"], frame["part"], frame["more"])
        elif word == "loading":
            self.state = Loading(frame["progress"])
            self._on_progress(frame["progress"])
        elif word == "ready":
            self._be_ready(frames.card_from_wire(frame["card"]))
        elif word == "failed":
            self._failure = frame["why"]

    def _be_ready(self, card: Card) -> None:
        self.state = Ready(card)
        if self._was_ready:
            LOG.warning("The engine is ready again.")
        self._was_ready = True
        self._moved = self._heard
        if not self._first_future().done():
            self._first_future().set_result(card)

    def _take_load(self, load: Load) -> None:
        if load.steps != self.load.steps or not load.running:
            self._moved = self._heard
        self.load = load
        self.most_memory = max(self.most_memory, load.memory)

    def _tell(self, job_id: str, told: Told) -> None:
        # A job that was left can still be in the frames that were on their way.
        if answer := self._answers.get(job_id):
            answer.tell(told)

    def _reply(self, name: str, part: Any, more: bool) -> None:
        question = self._questions.get(name)
        if question:
            question.parts.append(part)
            if not more:
                question.end()

    def _refuse(self, name: str, error: SwarmError) -> None:
        self._tell(name, error)
        if question := self._questions.get(name):
            question.fail(error)

    def _fail_all(self, error: EngineDied) -> None:
        for question in self._questions.values():
            question.fail(error)
        for answer in self._answers.values():
            answer.tell(error)

    def _send(self, frame: Frame) -> None:
        process = self._process
        if process and process.stdin and not process.stdin.is_closing():
            process.stdin.write(frames.encode(frame))

    async def _watch(self) -> None:
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(self._timing.ping)
            now = time.monotonic()
            # While this process itself stood still nobody could be heard: that is not the engine's silence.
            late = max(0.0, now - asleep - self._timing.ping)
            self._heard += late
            self._moved += late
            if now - self._heard > self._timing.silence:
                self._failure = f"The engine did not answer for {self._timing.silence:g} seconds."
                self._kill()
            elif isinstance(self.state, Ready) and now - self._moved > self._timing.stuck:
                self._failure = f"The engine made no step for {self._timing.stuck:g} seconds."
                self._kill()
            else:
                self._send({"do": "ping"})

    async def _keep_log(self, process: asyncio.subprocess.Process) -> None:
        """What the engine and its native code print; the last lines also explain its death."""
        assert process.stderr
        with self._log.open("wb") as log:
            while line := await process.stderr.readline():
                self._last_lines.append(line.decode("utf-8", "replace").rstrip())
                if log.tell() < LOG_BYTES:
                    log.write(line)
                    log.flush()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _why_it_ended(self) -> str:
        if trouble := self._failure or (self._ground.trouble() if self._ground else ""):
            return trouble
        code = self._process.returncode if self._process else None
        how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return f"The engine process {how} (log: {self._log})."

    def _give_up_at_start(self) -> None:
        """A model that never came up is an error to be told, not to be retried for ever."""
        first = self._first_future()
        if first.done() or (not self._failure and self.restarts < self._timing.tries):
            return
        complaint = next((line for line in reversed(self._last_lines) if "error" in line.lower()), "")
        said = f" It said: {complaint.strip()}" if complaint else ""
        first.set_exception(ModelUnusable(self._why_it_ended() + said))

    def _first_future(self) -> asyncio.Future[Card]:
        if self._first is None:
            self._first = asyncio.get_running_loop().create_future()
        return self._first

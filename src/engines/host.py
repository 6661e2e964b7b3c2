"""The engine process: `python -m localswarm.engines.host`.

One thread steps the engine, one reads commands, one turns prompts into tokens.

Its parent writes commands to stdin and reads frames from stdout (`frames.py`); whatever native code prints goes to
stderr. When stdin ends the parent is gone, and so is this process, in the middle of a step if need be.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import BinaryIO

from ..errors import ContextOverflow, ModelUnusable, SwarmError
from . import frames
from .base import Embedded, Engine, EngineOptions, Failure, Job, Load, Outcome, Piece
from .beginning import common_length
from .frames import Frame
from .outbox import Outbox

# How often, at most, a running engine counts its cells for its parent.
LOAD_SECONDS = 0.05
# Loading is reported in steps of this part.
PROGRESS_STEP = 0.02

# What native libraries read when they are loaded.
NATIVE_SETTINGS = {
    # Otherwise a failed check inside ggml starts a debugger, which takes seconds, before it ends the process.
    "GGML_NO_BACKTRACE": "1",
    # One thread to a core. Left free, two of llama.cpp's threads land on one core while another program is busy, and
    # each waits for the other: measured on two cores, that halves what is left of the speed.
    "OMP_PROC_BIND": "close",
    "OMP_PLACES": "cores",
}

# Commands that carry texts, which have to become tokens, or the other way round.
PREPARED = ("submit", "embed", "tokenize", "detokenize")

Open = Callable[[EngineOptions, Callable[[float], None]], Engine]


class Host:
    def __init__(self, open_engine: Open, commands: BinaryIO, output: BinaryIO) -> None:
        self._open = open_engine
        self._input = commands
        self._output = output
        self._output_lock = threading.Lock()
        self._prompts: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._preparing: set[str] = set()
        self._preparing_lock = threading.Lock()
        self._commands: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._outbox = Outbox()
        self._engine: Engine | None = None
        self._load = Load()
        self._counted = 0.0
        self._progress = -1.0

    def run(self, options: EngineOptions) -> int:
        for work in (self._read, self._prepare_all):
            threading.Thread(target=work, daemon=True).start()
        self._report_progress(0.0)
        try:
            self._engine = self._open(options, self._report_progress)
        except ModelUnusable as error:
            self._send({"is": "failed", "why": error.message})
            return 1
        self._send({"is": "ready", "card": asdict(self._engine.card)})
        self._prompts.put({"do": "warm", "id": ""})
        self._serve(self._engine)
        return 0

    def _serve(self, engine: Engine) -> None:
        while self._take_commands(engine):
            self._take(engine.step())
            if pieces := self._outbox.take(time.monotonic(), everything=not engine.busy):
                self._send({"is": "step", "pieces": [frames.piece_to_wire(piece) for piece in pieces]})
            self._count(engine)
        engine.close()

    def _take(self, outcomes: list[Outcome]) -> None:
        self._outbox.put([one for one in outcomes if isinstance(one, Piece)])
        for one in outcomes:
            if isinstance(one, Failure):
                self._refuse(one.job, one.error)
            elif isinstance(one, Embedded):
                self._send(frames.embedded_to_wire(one))

    def _take_commands(self, engine: Engine) -> bool:
        """Do what the parent said; wait for it when there is nothing else to do. False: it said close."""
        while not engine.busy or not self._commands.empty():
            if not engine.busy:
                self._load = engine.load()
            command = self._commands.get()
            if command["do"] == "close":
                return False
            if command["do"] == "cancel":
                engine.cancel(command["id"])
            elif command["do"] == "embed":
                engine.embed(command["id"], command["texts"])
            else:
                self._submit(engine, command["job"])
        return True

    def _submit(self, engine: Engine, job: Job) -> None:
        try:
            engine.submit(job)
        except SwarmError as error:
            self._refuse(job.id, error)
        else:
            self._send({"is": "accepted", "id": job.id, "prompt_tokens": len(job.tokens)})

    def _read(self) -> None:
        for line in self._input:
            self._hear(frames.decode_command(line))
        os._exit(0)

    def _hear(self, command: Frame) -> None:
        word = command["do"]
        if word == "ping":
            self._send({"is": "pong", "load": frames.load_to_wire(self._load)})
        elif word in PREPARED:
            self._preparing.add(command["id"])
            self._prompts.put(command)
        elif word == "cancel":
            self._cancel(command)
        else:
            self._commands.put(command)

    def _cancel(self, command: Frame) -> None:
        """A job that is not prepared yet is only forgotten: its cancel must not overtake it."""
        with self._preparing_lock:
            if command["id"] in self._preparing:
                self._preparing.discard(command["id"])
                return
            self._commands.put(command)
        if self._engine:
            self._engine.interrupt(command["id"])

    def _prepare_all(self) -> None:
        """Text becomes tokens here: the engine's thread goes on with its steps, and pings are answered."""
        while True:
            command = self._prompts.get()
            engine = self._engine
            assert engine, "nothing is asked before the engine is ready"
            try:
                self._prepare(engine, command)
            except SwarmError as error:
                self._preparing.discard(command["id"])
                self._refuse(command["id"], error)

    def _prepare(self, engine: Engine, command: Frame) -> None:
        word, name = command["do"], command["id"]
        if word == "warm":
            engine.warm()
        elif word == "submit":
            self._pass_on(name, {"do": "submit", "job": _job(engine, command)})
        elif word == "embed":
            self._pass_on(name, command | {"texts": [_embeddable(engine, text) for text in command["texts"]]})
        elif word == "tokenize":
            self._send({"is": "tokens", "id": name, "tokens": engine.tokenize(command["text"], command["special"])})
        else:
            self._send({"is": "text", "id": name, "text": engine.detokenize(command["tokens"])})

    def _pass_on(self, name: str, command: Frame) -> None:
        with self._preparing_lock:
            if name in self._preparing:
                self._preparing.discard(name)
                self._commands.put(command)

    def _refuse(self, job_id: str, error: SwarmError) -> None:
        self._send({"is": "refused", "id": job_id, "error": frames.error_to_wire(error)})

    def _report_progress(self, part: float) -> None:
        if part - self._progress >= PROGRESS_STEP:
            self._progress = part
            self._send({"is": "loading", "progress": round(part, 3)})

    def _count(self, engine: Engine) -> None:
        now = time.monotonic()
        if now - self._counted > LOAD_SECONDS:
            self._counted = now
            self._load = engine.load()

    def _send(self, frame: Frame) -> None:
        with self._output_lock:
            self._output.write(frames.encode(frame))
            self._output.flush()


def _job(engine: Engine, command: Frame) -> Job:
    prompt, grammar = command["prompt"], command["grammar"]
    tokens = engine.prepare(prompt)
    return Job(
        command["id"],
        tokens,
        command["candidates"],
        frames.sampling_from_wire(command["sampling"]),
        common_length(tokens, engine.prepare(prompt[: command["head"]])) if command["head"] else 0,
        engine.compile(grammar) if grammar else None,
        command["special"],
    )


def _embeddable(engine: Engine, text: str | list[int]) -> tuple[int, ...]:
    """Longer texts than the embedding context holds are refused, like prompts that are too long."""
    tokens = engine.prepare(text)
    if len(tokens) > engine.card.embeds:
        raise ContextOverflow(len(tokens), engine.card.embeds)
    return tokens


def private_stdout() -> BinaryIO:
    """The real stdout for frames alone; anything else that prints there lands in stderr."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def main() -> int:
    output = private_stdout()
    options = frames.options_from_wire(frames.decode_command(sys.stdin.buffer.readline())["options"])
    return Host(open_llama_cpp, sys.stdin.buffer, output).run(options)


def open_llama_cpp(options: EngineOptions, progress: Callable[[float], None]) -> Engine:
    for name, value in NATIVE_SETTINGS.items():
        os.putenv(name, value)
    # Imported only now: the threads of this process, begun before, stay free to run on any core.
    from .llama_cpp.engine import LlamaEngine

    return LlamaEngine(options, progress)


if __name__ == "__main__":
    # At an orderly exit Python would wait for the thread that waits for stdin.
    os._exit(main())

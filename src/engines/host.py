"""The engine process: `python -m localswarm.engines.host`.

One thread steps the engine, one reads commands, others prepare what they ask (`preparing.py`).

Its parent writes commands to stdin and reads frames from stdout (`frames.py`); whatever native code prints goes to
stderr. When stdin ends the parent is gone, and so is this process, in the middle of a step if need be.
"""

import importlib.util
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import BinaryIO

from ..errors import EngineFault, ModelUnusable, SwarmError
from . import frames
from .base import Embedded, Engine, EngineOptions, Failure, Job, Load, Outcome, Piece
from .frames import Frame
from .outbox import Outbox
from .preparing import JOBS, QUESTIONS, Preparing

# How often, at most, a running engine counts its cells for its parent.
LOAD_SECONDS = 0.05
# Loading is reported in steps of this part.
PROGRESS_STEP = 0.02

# What native libraries read when they are loaded.
NATIVE_SETTINGS = {
    # Otherwise a failed check inside ggml starts a debugger, which takes seconds, before it ends the process.
    "GGML_NO_BACKTRACE": "1",
    # Its RPC would leave an encrypted channel for one of its own, where the network cards of both sides can.
    "GGML_RPC_NO_RDMA": "1",
}
# Left free, two of llama.cpp's threads land on one core while another program is busy, and each waits for the other:
# measured on two cores, that halves what is left of the speed.
ONE_THREAD_TO_A_CORE = {"OMP_PROC_BIND": "close", "OMP_PLACES": "cores"}

Open = Callable[[EngineOptions, Callable[[float], None]], Engine]


class Host:
    def __init__(self, open_engine: Open, commands: BinaryIO, output: BinaryIO) -> None:
        self._open = open_engine
        self._input = commands
        self._output = output
        self._output_lock = threading.Lock()
        self._commands: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._preparing = Preparing(self._send, self._commands.put)
        self._outbox = Outbox()
        self._engine: Engine | None = None
        self._load = Load()
        self._counted = 0.0
        self._progress = -1.0

    def run(self, options: EngineOptions) -> int:
        threading.Thread(target=self._read, daemon=True).start()
        self._report_progress(0.0)
        try:
            self._engine = self._open(options, self._report_progress)
        except ModelUnusable as error:
            self._send({"is": "failed", "why": error.message})
            return 1
        self._send({"is": "ready", "card": asdict(self._engine.card)})
        self._preparing.start(self._engine)
        self._serve(self._engine)
        return 0

    def _serve(self, engine: Engine) -> None:
        while self._take_commands(engine):
            self._take(engine.step())
            self._send_pieces(everything=not engine.busy)
            self._count(engine)
        engine.close()

    def _send_pieces(self, everything: bool) -> None:
        if pieces := self._outbox.take(time.monotonic(), everything):
            self._send({"is": "step", "pieces": [frames.piece_to_wire(piece) for piece in pieces]})

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
            elif command["do"] == "finish":
                self._outbox.put(engine.finish(command["id"], command["candidate"]))
                self._send_pieces(everything=True)
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
        except Exception as error:  # one request, whatever is odd about it, does not end those of others
            self._refuse(job.id, EngineFault(f"The engine could not take this request ({error})."))
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
        elif word in (*JOBS, *QUESTIONS):
            self._preparing.take(command)
        elif word == "cancel":
            self._cancel(command)
        else:
            self._commands.put(command)

    def _cancel(self, command: Frame) -> None:
        """A job that is not prepared yet is only forgotten: its cancel must not overtake it."""
        if self._preparing.forget(command["id"]):
            return
        self._commands.put(command)
        if self._engine:
            self._engine.interrupt(command["id"])

    def _refuse(self, job_id: str, error: SwarmError) -> None:
        self._send(frames.refusal(job_id, error))

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


def private_stdout() -> BinaryIO:
    """The real stdout for frames alone; anything else that prints there lands in stderr."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def main() -> int:
    output = private_stdout()
    options = frames.options_from_wire(frames.decode_command(sys.stdin.buffer.readline())["options"])
    return Host(open_engine, sys.stdin.buffer, output).run(options)


def open_engine(options: EngineOptions, progress: Callable[[float], None]) -> Engine:
    """A folder is a model for MLX, a file one for llama.cpp."""
    return (open_mlx if options.path.is_dir() else open_llama_cpp)(options, progress)


def open_mlx(options: EngineOptions, progress: Callable[[float], None]) -> Engine:
    if importlib.util.find_spec("mlx_lm") is None:
        raise ModelUnusable(
            f"{options.path} is a folder for MLX, and mlx-lm is not installed here. Give --model a GGUF file instead."
        )
    from .mlx.engine import MlxEngine

    return MlxEngine(options, progress)


def native_settings(threads: int) -> dict[str, str]:
    """`threads`: at most; 0 for one on each core. One that is alone stays free: whatever is bound begins with the first
    core, where it would meet every other engine of this machine."""
    return NATIVE_SETTINGS if threads == 1 else NATIVE_SETTINGS | ONE_THREAD_TO_A_CORE


def open_llama_cpp(options: EngineOptions, progress: Callable[[float], None]) -> Engine:
    for name, value in native_settings(options.threads).items():
        os.putenv(name, value)
    # Imported only now: the threads of this process, begun before, stay free to run on any core.
    from .llama_cpp.engine import LlamaEngine

    return LlamaEngine(options, progress)


if __name__ == "__main__":
    # At an orderly exit Python would wait for the thread that waits for stdin.
    os._exit(main())

"""Texts to vectors, with the weights that are loaded anyway, in a small context of its own.

It is as large as the longest text wants, is given up when there is nothing more to do, and works in short steps
between those of the answers that run. A step reads on in one text, and takes in as many short ones behind it as have
room there: a part of what a step costs does not depend on how much it reads. What it takes lies in the memory that is
kept free of the model (docs/fit.md): a text that would take more is refused.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from ...chat import Embedding
from ...errors import BadRequest, EngineFault
from ..base import Embedded, EngineOptions, Failure, Outcome
from .batch import Batch
from .context import has_states
from .embedding_room import CELL_STEP, TOKENS_OF_STEP, Room, room_of
from .model import Model

MOST_TOKENS = 8192
LAST_TOKEN = "3"  # of llama.cpp's numbers for how a model wants its tokens pooled; otherwise their mean is taken
# Texts of one step, each a sequence of the context. Where each would have a state of its own it is one.
MOST_AT_ONCE = 32
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Part:
    """Of a text, as one step reads it."""

    tokens: tuple[int, ...]
    position: int


@dataclass(slots=True)
class Task:
    job: str
    texts: deque[tuple[int, ...]]
    read: int = 0  # tokens of the first of them
    total: Any = 0.0


class Embedder:
    def __init__(self, model: Model, options: EngineOptions) -> None:
        self._model = model
        self._threads = options.threads
        # A model that reads in both directions would need all of a text in one step.
        causal = not lib.llama_model_has_encoder(model.handle)
        self.limit = min(MOST_TOKENS, model.trained_context) if causal else 0  # tokens of one text
        self.room: Room = room_of(model, options.aside)
        self._tasks: deque[Task] = deque()
        self._refused: list[Outcome] = []
        self._context: Any = None
        self._cells = 0
        self._batch = Batch(TOKENS_OF_STEP)
        self._at_once = 1 if has_states(model) else min(MOST_AT_ONCE, lib.llama_max_parallel_sequences())
        self._last_only = model.metadata(f"{model.architecture}.pooling_type") == LAST_TOKEN

    @property
    def busy(self) -> bool:
        return bool(self._tasks or self._refused)

    def add(self, job: str, texts: Iterable[tuple[int, ...]]) -> None:
        task = Task(job, deque(texts))
        longest = max(map(len, task.texts))
        if self.room.takes(longest):
            self._tasks.append(task)
        else:
            self._refused.append(Failure(job, self._too_long(longest)))

    def cancel(self, job: str) -> None:
        """What was read of the first one's text is forgotten; the others lose nothing."""
        self._refused = [outcome for outcome in self._refused if outcome.job != job]
        if self._tasks and self._tasks[0].job == job:
            self._forget_text()
        self._tasks = deque(task for task in self._tasks if task.job != job)
        if not self._tasks:
            self._give_up()

    def step(self, most: int) -> list[Outcome]:
        """Read on, so many tokens at most: somebody may be waiting."""
        if self._refused:
            refused, self._refused = self._refused, []
            return refused
        task = self._tasks[0]
        if not self._has_room(len(task.texts[0])):
            return self._fail(task)
        parts = self._parts(task, min(most, TOKENS_OF_STEP))
        rows = self._decode(parts)
        if rows is None:
            return self._fail(task)
        outcomes: list[Outcome] = []
        for part in parts:
            of_part, rows = rows[: len(part.tokens)], rows[len(part.tokens) :]
            task.total = of_part[-1] if self._last_only else task.total + of_part.sum(axis=0, dtype=np.float64)
            task.read += len(part.tokens)
            if task.read == len(task.texts[0]):
                outcomes.append(self._end_text(task))
        if not task.read:
            self._forget_text()
        if not task.texts:
            self._tasks.popleft()
        if not self._tasks:
            self._give_up()
        return outcomes

    def close(self) -> None:
        self._give_up()
        self._batch.close()

    def _too_long(self, tokens: int) -> BadRequest:
        room = self.room
        return BadRequest(
            f"A text of {tokens} tokens takes {room.need(tokens) / MIB:.0f} MiB to be embedded by this model, and "
            f"{room.bytes / MIB:.0f} MiB are kept for that here: send at most {room.tokens} tokens as one text.",
            "input",
        )

    def _parts(self, task: Task, most: int) -> list[Part]:
        """More of the first text, and behind its end whole others."""
        first = task.texts[0]
        parts = [Part(first[task.read : task.read + most], task.read)]
        if task.read + most < len(first):
            return parts
        left = min(most - len(parts[0].tokens), self._cells - len(first))
        for text in islice(task.texts, 1, self._at_once):
            if len(text) > left:
                break
            left -= len(text)
            parts.append(Part(text, 0))
        return parts

    def _end_text(self, task: Task) -> Embedded:
        size = float(np.linalg.norm(task.total)) or 1.0
        vector = tuple(float(f"{number:.7g}") for number in task.total / size)
        embedding = Embedding(vector, len(task.texts.popleft()))
        task.read, task.total = 0, 0.0
        return Embedded(task.job, embedding, not task.texts)

    def _fail(self, task: Task) -> list[Outcome]:
        self.cancel(task.job)
        return [Failure(task.job, EngineFault("llama.cpp could not embed this text."))]

    def _forget_text(self) -> None:
        if self._context:
            lib.llama_memory_clear(lib.llama_get_memory(self._context), False)

    def _give_up(self) -> None:
        if self._context:
            lib.llama_free(self._context)
        self._context, self._cells = None, 0

    def _decode(self, parts: Sequence[Part]) -> NDArray[np.float32] | None:
        self._batch.clear()
        for sequence, part in enumerate(parts):
            for at, token in enumerate(part.tokens):
                self._batch.add(sequence, [token], part.position + at, output_last=True)
        if lib.llama_decode(self._context, self._batch.handle):
            return None
        lib.llama_synchronize(self._context)
        found = lib.llama_get_embeddings(self._context)
        return np.ctypeslib.as_array(found, (sum(len(part.tokens) for part in parts), self._model.width)).copy()

    def _has_room(self, length: int) -> bool:
        """Only ever asked at the beginning of a text or within one: nothing is lost where the context is made anew."""
        if length > self._cells:
            if self._context:
                lib.llama_free(self._context)
            self._cells = -(-length // CELL_STEP) * CELL_STEP
            self._context = lib.llama_init_from_model(self._model.handle, self._params())
        return bool(self._context)

    def _params(self) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = self._cells
        params.n_batch = params.n_ubatch = params.n_outputs_max = TOKENS_OF_STEP
        params.n_seq_max = self._at_once
        params.kv_unified = True
        params.embeddings = True
        params.pooling_type = lib.LLAMA_POOLING_TYPE_NONE
        params.no_perf = True
        params.swa_full = True
        if self._threads:
            params.n_threads = params.n_threads_batch = self._threads
        return params

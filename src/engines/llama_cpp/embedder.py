"""Texts to vectors, with the weights that are loaded anyway, in a small context of its own.

It is made for the first request, and works in short steps between those of the answers that run.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from ...chat import Embedding
from ...errors import EngineFault
from ..base import Embedded, EngineOptions, Failure, Outcome
from .batch import Batch
from .model import Model

MOST_TOKENS = 8192
# While answers run beside it a step must stay short.
TOKENS_OF_STEP, TOKENS_BESIDE = 512, 64
LAST_TOKEN = "3"  # of llama.cpp's numbers for how a model wants its tokens pooled; otherwise their mean is taken


@dataclass(slots=True)
class Task:
    job: str
    texts: Sequence[tuple[int, ...]]
    done: list[Embedding] = field(default_factory=list)
    read: int = 0
    total: Any = 0.0


class Embedder:
    def __init__(self, model: Model, options: EngineOptions) -> None:
        self._model = model
        self._threads = options.threads
        # A model that reads in both directions would need all of a text in one step.
        causal = not lib.llama_model_has_encoder(model.handle)
        self.limit = min(MOST_TOKENS, model.trained_context) if causal else 0  # tokens of one text
        self._tasks: deque[Task] = deque()
        self._context: Any = None
        self._batch: Batch | None = None
        self._last_only = model.metadata(f"{model.architecture}.pooling_type") == LAST_TOKEN

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def add(self, job: str, texts: Sequence[tuple[int, ...]]) -> None:
        self._tasks.append(Task(job, texts))

    def cancel(self, job: str) -> None:
        if self._tasks and self._tasks[0].job == job and self._context:
            lib.llama_memory_clear(lib.llama_get_memory(self._context), False)
        self._tasks = deque(task for task in self._tasks if task.job != job)

    def step(self, alone: bool) -> list[Outcome]:
        task = self._tasks[0]
        if len(task.done) < len(task.texts):
            tokens = task.texts[len(task.done)]
            count = min(TOKENS_OF_STEP if alone else TOKENS_BESIDE, len(tokens) - task.read)
            rows = self._decode(tokens[task.read : task.read + count], task.read)
            if rows is None:
                self._tasks.popleft()
                return [Failure(task.job, EngineFault("llama.cpp could not embed this text."))]
            self._gather(task, rows, len(tokens))
        if len(task.done) < len(task.texts):
            return []
        self._tasks.popleft()
        return [Embedded(task.job, tuple(task.done))]

    def close(self) -> None:
        if self._batch:
            self._batch.close()
            lib.llama_free(self._context)

    def _gather(self, task: Task, rows: NDArray[np.float32], length: int) -> None:
        task.read += len(rows)
        task.total = rows[-1] if self._last_only else task.total + rows.sum(axis=0, dtype=np.float64)
        if task.read == length:
            size = float(np.linalg.norm(task.total)) or 1.0
            task.done.append(Embedding(tuple(float(f"{x:.7g}") for x in task.total / size), length))
            task.read, task.total = 0, 0.0
            lib.llama_memory_clear(lib.llama_get_memory(self._context), False)

    def _decode(self, tokens: Sequence[int], position: int) -> NDArray[np.float32] | None:
        batch = self._opened()
        if batch is None:
            return None
        batch.clear()
        for at, token in enumerate(tokens):
            batch.add(0, [token], position + at, output_last=True)
        if lib.llama_decode(self._context, batch.handle):
            return None
        lib.llama_synchronize(self._context)
        found = lib.llama_get_embeddings(self._context)
        return np.ctypeslib.as_array(found, (len(tokens), self._model.width)).copy()

    def _opened(self) -> Batch | None:
        if self._batch is None:
            params = lib.llama_context_default_params()
            params.n_ctx = self.limit
            params.n_batch = params.n_ubatch = params.n_outputs_max = TOKENS_OF_STEP
            params.n_seq_max = 1
            params.embeddings = True
            params.pooling_type = lib.LLAMA_POOLING_TYPE_NONE
            params.no_perf = True
            params.swa_full = True
            if self._threads:
                params.n_threads = params.n_threads_batch = self._threads
            self._context = lib.llama_init_from_model(self._model.handle, params)
            self._batch = Batch(TOKENS_OF_STEP) if self._context else None
        return self._batch

"""The truth that engines are compared with: one sequence, its prompt in one decode, then token by token.

Prompts of fewer than 64 tokens are the safe ones: from 64 tokens in one micro-batch on, llama.cpp's flash attention
takes another path that rounds differently, and a text in a hundred or so then depends on how its prompt was cut up.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np


def greedy(path: Path, tokens: list[int], count: int) -> list[int]:
    """The `count` tokens that follow `tokens`, each the most likely one, from a context that held nothing before."""
    with decoder(path, n_ctx=len(tokens) + count) as fresh:
        return fresh.greedy(tokens, count)


@contextmanager
def decoder(path: Path, **settings: int) -> Iterator["Decoder"]:
    """A bare context on the CPU; `settings` are fields of llama.cpp's context parameters."""
    logging.getLogger("llama-cpp-python").setLevel(logging.ERROR)
    with ExitStack() as opened:
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), _model_params())
        if not model:
            raise RuntimeError(f"llama.cpp cannot load {path}")
        opened.callback(llama_cpp.llama_model_free, model)
        context = llama_cpp.llama_init_from_model(model, _context_params(**settings))
        if not context:
            raise RuntimeError(f"llama.cpp makes no context with {settings}")
        opened.callback(llama_cpp.llama_free, context)
        yield Decoder(model, context, llama_cpp.llama_get_memory(context))


@dataclass
class Decoder:
    """llama.cpp as it is, without anything that an engine adds."""

    model: Any
    context: Any
    memory: Any

    def greedy(self, tokens: list[int], count: int) -> list[int]:
        llama_cpp.llama_memory_clear(self.memory, True)
        return self.extend(tokens, 0, count)

    def extend(self, tokens: list[int], first: int, count: int, sequence: int = 0) -> list[int]:
        """Put `tokens` at the positions from `first` on and write `count` more, the last of which is not decoded."""
        self._must_decode(tokens, first, sequence)
        written = [self._best()]
        for position in range(first + len(tokens), first + len(tokens) + count - 1):
            self._must_decode(written[-1:], position, sequence)
            written.append(self._best())
        return written

    def decode(self, tokens: list[int], first: int, *sequences: int) -> int:
        """One decode for all of `sequences` (or for sequence 0); llama.cpp's status, 0 for success."""
        members = sequences or (0,)
        batch = llama_cpp.llama_batch_init(len(tokens), 0, len(members))
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = first + index
            batch.n_seq_id[index] = len(members)
            batch.logits[index] = index == len(tokens) - 1
            for place, sequence in enumerate(members):
                batch.seq_id[index][place] = sequence
        status = int(llama_cpp.llama_decode(self.context, batch))
        llama_cpp.llama_batch_free(batch)
        return status

    def _must_decode(self, tokens: list[int], first: int, sequence: int) -> None:
        status = self.decode(tokens, first, sequence)
        if status:
            raise RuntimeError(f"llama_decode returned {status} for {len(tokens)} tokens at position {first}")

    def _best(self) -> int:
        size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        return int(np.argmax(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self.context, -1), shape=(size,))))


def _model_params() -> Any:
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    return params


def _context_params(**settings: int) -> Any:
    params = llama_cpp.llama_context_default_params()
    # One buffer for all sequences: the only one in which copies share their cells.
    defaults = {"n_ctx": 512, "kv_unified": True, "n_threads": 1, "n_threads_batch": 1}
    for name, value in (defaults | settings).items():
        setattr(params, name, value)
    return params

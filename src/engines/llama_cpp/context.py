"""A llama.cpp context: how large it is made, and what its memory can do."""

from dataclasses import dataclass
from typing import Any

import llama_cpp as lib
import psutil

from ...errors import ModelUnusable
from ..base import EngineOptions, KvType
from ..sizes import sizes
from .batch import Batch
from .memory import ContextMemory
from .model import Model

# Cached prefixes outside the pool may take as much as the pool does, inside this part of what is free now.
SHELF_SHARE = 0.1
# Ids for cached prefixes. Where states cannot be cut or shared each id has memory of its own.
CACHED_SEQUENCES = 32
CACHED_STATES = 8
KV_TYPES: dict[KvType, int] = {"f16": lib.GGML_TYPE_F16, "q8_0": lib.GGML_TYPE_Q8_0, "q4_0": lib.GGML_TYPE_Q4_0}


@dataclass(frozen=True, slots=True)
class Context:
    handle: Any
    memory: ContextMemory
    context: int
    pool: int
    shelf: int  # bytes
    batch: int
    sequences: int

    def close(self) -> None:
        lib.llama_free(self.handle)


def open_context(model: Model, options: EngineOptions) -> Context:
    free, kv_bytes = psutil.virtual_memory().available, model.kv_bytes_per_token
    context, pool = sizes(options, model.trained_context, kv_bytes, free)
    shelf = min(pool * kv_bytes, int(SHELF_SHARE * free))
    simple = not has_states(model)
    sequences = min(options.seats + (CACHED_SEQUENCES if simple else CACHED_STATES), lib.llama_max_parallel_sequences())
    handle = lib.llama_init_from_model(model.handle, _params(options, pool, sequences))
    if not handle:
        raise ModelUnusable(
            f"There is not enough memory for {pool} tokens of context. Start with a smaller --context or --instances."
        )
    memory = ContextMemory(handle, False, model.window)
    _warm_up(handle, model)
    memory.cuttable = simple and memory.remove(0, 1, -1)
    memory.clear()
    return Context(handle, memory, context, pool, shelf, options.step_tokens, sequences)


def _params(options: EngineOptions, pool: int, sequences: int) -> Any:
    params = lib.llama_context_default_params()
    params.n_ctx = pool
    params.n_batch = params.n_ubatch = options.step_tokens
    params.n_seq_max = sequences
    # One pool of cells for all sequences: without it each has its own share and none can share a prefix.
    params.kv_unified = True
    params.type_k = params.type_v = KV_TYPES[options.kv]
    if options.kv != "f16":
        # llama.cpp takes quantised values only together with it.
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
    # A cache with room for only the sliding window runs out of cells where sequences share a prompt.
    params.swa_full = True
    # llama.cpp wants room for one row of logits per sequence; its default is one per token of a step.
    params.n_outputs_max = sequences
    params.no_perf = True
    return params


def has_states(model: Model) -> bool:
    return bool(lib.llama_model_is_recurrent(model.handle) or lib.llama_model_is_hybrid(model.handle))


def _warm_up(handle: Any, model: Model) -> None:
    """The first decode pages the weights in; two tokens also show whether the memory can be cut."""
    batch = Batch(2)
    token = max(0, lib.llama_vocab_bos(model.vocab))
    batch.add(0, [token, token], 0, output_last=True)
    lib.llama_decode(handle, batch.handle)
    lib.llama_synchronize(handle)
    batch.close()

"""The weights of one folder, and what mlx-lm can do with them."""

import difflib
import pkgutil
from collections.abc import Callable
from functools import cached_property
from typing import Any

import mlx.core as mx
import mlx_lm.models
from mlx.utils import tree_flatten, tree_map
from mlx_lm.models.cache import ArraysCache, KVCache, RotatingKVCache, make_prompt_cache
from mlx_lm.utils import load_model

from ...errors import ModelUnusable
from .folder import Folder
from .kinds import Attention, Kind, Recurrent
from .rows import Rows

Progress = Callable[[float], None]
DEFAULT_TRAINED = 4096


class Model:
    def __init__(self, folder: Folder, progress: Progress) -> None:
        folder.check()
        self._folder = folder
        try:
            # The values are read only when they are first wanted, below.
            self._net, _ = load_model(folder.path, lazy=True)
        except Exception as error:  # whatever mlx-lm's code for this architecture says to what it was given
            raise ModelUnusable(_why(folder, error)) from error
        if not mx.metal.is_available():
            # Processors compute with 16 bits a hundred times slower, and add them up in 16 bits too.
            self._net.update(tree_map(_wide, self._net.parameters()))
        self._read_weights(progress)
        self.kinds = _kinds(self._net, folder.architecture)

    @property
    def architecture(self) -> str:
        return self._folder.architecture

    @property
    def trained_context(self) -> int:
        return self._folder.trained_context or DEFAULT_TRAINED

    @cached_property
    def weights_bytes(self) -> int:
        return sum(array.nbytes for _, array in self._arrays())

    @cached_property
    def parameters(self) -> int:
        """Packed ones count as what they stand for."""
        told = self._folder.config.get("quantization")
        bits = told.get("bits", 0) if isinstance(told, dict) else 0
        return sum(_weights(name, array, bits) for name, array in self._arrays())

    @cached_property
    def vocab_size(self) -> int:
        return int(self(mx.array([[0]]), Rows(self.kinds, [0])).shape[-1])

    @cached_property
    def kv_bytes_per_token(self) -> int:
        return sum(part.nbytes for pair in self._one_token.cut(0, 0, 1) for part in pair)

    @cached_property
    def state_bytes(self) -> int:
        """Of one sequence, however long; 0 where there is nothing but keys and values."""
        return sum(array.nbytes for array in self._one_token.arrays)

    @cached_property
    def _one_token(self) -> Rows:
        rows = Rows(self.kinds, [0])
        mx.eval(self(mx.array([[0]]), rows))
        rows.advance([1])
        return rows

    @property
    def description(self) -> str:
        told = self._folder.config.get("quantization")
        kind = f"{told.get('bits')} bit" if isinstance(told, dict) else str(self._folder.config.get("torch_dtype", ""))
        return " ".join(part for part in (self.architecture, f"{self.parameters / 1e6:.0f}M", kind) if part)

    def __call__(self, tokens: mx.array, rows: Rows) -> mx.array:
        """The logits behind each of these tokens; nothing is computed before it is asked for."""
        logits: mx.array = self._net(tokens, cache=rows.caches)
        return logits

    def _arrays(self) -> list[tuple[str, mx.array]]:
        found: Any = tree_flatten(self._net.parameters())
        return list(found)

    def _read_weights(self, progress: Progress) -> None:
        arrays = [array for _, array in self._arrays()]
        whole, done = max(1, sum(array.nbytes for array in arrays)), 0
        for array in arrays:
            mx.eval(array)
            done += array.nbytes
            progress(done / whole)


def _kinds(net: Any, architecture: str) -> tuple[Kind, ...]:
    return tuple(_kind(cache, architecture) for cache in make_prompt_cache(net))


def _kind(cache: Any, architecture: str) -> Kind:
    if type(cache) in (KVCache, RotatingKVCache):
        return Attention(getattr(cache, "max_size", 0))
    if type(cache) is ArraysCache:
        return Recurrent(len(cache.cache))
    raise ModelUnusable(
        f"The architecture {architecture} keeps several things in one layer, which the MLX engine cannot do yet. "
        "Take the model's GGUF file instead."
    )


def _why(folder: Folder, error: Exception) -> str:
    known = [module.name for module in pkgutil.iter_modules(mlx_lm.models.__path__)]
    name = folder.architecture
    if isinstance(error, ValueError) and "not supported" in str(error):
        near = difflib.get_close_matches(name, known, 1, 0.3)
        nearest = f" The nearest that it knows is {near[0]}." if near else ""
        return f"{folder.path} is of the architecture {name or '(none)'}, which this mlx-lm cannot load.{nearest}"
    told = str(error).strip().split("\n")
    return f"The weights in {folder.path} are not those that {name} wants ({' '.join(told)[:300]}). Download it again."


def _wide(array: mx.array) -> mx.array:
    return array.astype(mx.float32) if mx.issubdtype(array.dtype, mx.floating) else array


def _weights(name: str, array: mx.array, bits: int) -> int:
    if name.endswith((".scales", ".biases")):
        return 0
    return array.size * 32 // bits if array.dtype == mx.uint32 and bits else array.size

"""The same tiny model for each engine, and a plain loop of that engine's library over it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from localswarm.engines.base import Engine, EngineOptions

from ...tiny_models import reference

Tokens = Sequence[int]


@dataclass(frozen=True)
class Model:
    path: Path
    open: Callable[[EngineOptions], Engine]
    greedy: Callable[[Tokens, int], list[int]]  # the tokens that follow, each the most likely one
    piece: Callable[[Engine, int], bytes]  # of an answer


def for_llama_cpp(path: Path) -> Model:
    from localswarm.engines.llama_cpp.engine import LlamaEngine

    def piece(engine: Engine, token: int) -> bytes:
        assert isinstance(engine, LlamaEngine)
        return engine._model.piece(token)

    return Model(
        path,
        lambda options: LlamaEngine(options, lambda _: None),
        lambda tokens, count: reference.greedy(path, list(tokens), count),
        piece,
    )


def for_mlx(path: Path) -> Model:
    import mlx.core as mx
    from localswarm.engines.mlx.engine import MlxEngine
    from mlx_lm.generate import generate_step
    from mlx_lm.utils import load_model

    def greedy(tokens: Tokens, count: int) -> list[int]:
        net, _ = load_model(path)
        return [int(token) for token, _ in generate_step(mx.array(list(tokens)), net, max_tokens=count)]

    def piece(engine: Engine, token: int) -> bytes:
        assert isinstance(engine, MlxEngine)
        return engine._vocabulary.piece(token)

    return Model(path, lambda options: MlxEngine(options, lambda _: None), greedy, piece)


def as_folder(gguf: Path, folders: Path) -> Path:
    """Converted for MLX."""
    from localswarm.models.mlx.convert.conversion import converted

    return converted(gguf, hashlib.sha256(gguf.read_bytes()).hexdigest(), folders, lambda _: None)


def recurrent(kind: str, path: Path, tokenizer_from: Path) -> Path:
    """A folder for MLX of an architecture whose layers keep a state."""
    from ...tiny_models import for_mlx

    return for_mlx.make(kind, path, tokenizer_from)

"""What llama.cpp and MLX say of the same tokens: one row of logits for each."""

from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import mlx.core as mx
import numpy as np
from mlx.utils import tree_map
from mlx_lm.utils import load_model
from numpy.typing import NDArray

Rows = NDArray[np.float64]


def of_llama_cpp(path: Path, tokens: Sequence[int]) -> Rows:
    model = llama_cpp.Llama(str(path), n_ctx=512, logits_all=True, verbose=False, n_threads=1, n_threads_batch=1)
    model.eval(tokens)
    rows = np.array(model.scores[: len(tokens)], np.float64)
    model.close()
    return rows


def of_mlx(folder: Path, tokens: Sequence[int]) -> Rows:
    model, _ = load_model(folder)
    # On a processor MLX computes with 16 bits a hundred times slower, and sums them up with 16 bits too.
    model.update(tree_map(_wide, model.parameters()))
    return np.array(model(mx.array([tokens]))[0], np.float64)


def divergence(ours: Rows, theirs: Rows) -> float:
    """How far apart the probabilities are that follow from them (Kullback-Leibler), on average over the rows."""
    one, other = _log_probabilities(ours), _log_probabilities(theirs)
    return float((np.exp(other) * (other - one)).sum(-1).mean())


def agreement(ours: Rows, theirs: Rows) -> float:
    return float(np.mean(ours.argmax(-1) == theirs.argmax(-1)))


def _log_probabilities(rows: Rows) -> Rows:
    shifted = rows - rows.max(-1, keepdims=True)
    result: Rows = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


def _wide(array: mx.array) -> mx.array:
    return array.astype(mx.float32) if mx.issubdtype(array.dtype, mx.floating) else array

"""The chances of each token are those that llama.cpp's samplers give it."""

import ctypes
from dataclasses import replace
from typing import Any

import llama_cpp as lib
import numpy as np
import pytest
from localswarm.chat import Sampling
from localswarm.engines.mlx.sampler import Sampler
from numpy.typing import NDArray

SIZE = 600
DRAWS = 4000
ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
PLAIN = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0)


class Vocabulary:
    size = SIZE
    end_tokens = frozenset({2})

    def piece(self, token: int) -> bytes:
        return b"%d " % token


def logits() -> NDArray[np.float32]:
    return (np.random.default_rng(3).standard_normal(SIZE) * 2.5).astype(np.float32)


def of_llama_cpp(sampling: Sampling, written: list[int]) -> dict[int, float]:
    """What its chain leaves, and how likely each of that is."""
    chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    penalties = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
    parts = [
        lib.llama_sampler_init_penalties(SIZE, 512, *penalties),
        lib.llama_sampler_init_top_k(sampling.top_k),
        lib.llama_sampler_init_top_p(sampling.top_p, 1),
        lib.llama_sampler_init_min_p(sampling.min_p, 1),
        lib.llama_sampler_init_temp(sampling.temperature),
        lib.llama_sampler_init_dist(1),
    ]
    for part in parts:
        lib.llama_sampler_chain_add(chain, part)
    for token in written:
        lib.llama_sampler_accept(chain, token)
    entries = np.zeros(SIZE, ENTRY)
    entries["id"], entries["logit"] = np.arange(SIZE), logits()
    pointer = ctypes.cast(entries.ctypes.data, lib.llama_token_data_p)
    array = lib.llama_token_data_array(data=pointer, size=SIZE, selected=-1, sorted=False)
    lib.llama_sampler_apply(chain, ctypes.byref(array))
    left = entries[: array.size]
    lib.llama_sampler_free(chain)
    return {int(one["id"]): float(one["p"]) for one in left}


def ours(sampling: Sampling, written: list[int]) -> dict[int, float]:
    sampler = Sampler(Vocabulary(), replace(sampling, seed=5), 0)  # type: ignore[arg-type]
    found: dict[int, int] = {}
    for _ in range(DRAWS):
        sampler._written.clear()
        sampler._written.update(written)
        token, _ = sampler.next(logits())
        found[token] = found.get(token, 0) + 1
    return {token: count / DRAWS for token, count in found.items()}


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({}, []),
        ({"top_k": 7}, []),
        ({"top_p": 0.6}, []),
        ({"min_p": 0.2}, []),
        ({"top_k": 30, "top_p": 0.8, "min_p": 0.05, "temperature": 0.7}, []),
        ({"top_p": 0.9, "temperature": 1.8}, []),
        ({"top_k": 10, "frequency_penalty": 1.2, "presence_penalty": 0.4}, [5, 5, 9, 300]),
        ({"top_k": 10, "repeat_penalty": 1.5}, list(range(0, SIZE, 3))),
    ],
)
def test_the_chances_are_those_of_llama_cpp(changes: dict[str, Any], written: list[int]) -> None:
    sampling = replace(PLAIN, **changes)
    truth, found = of_llama_cpp(sampling, written), ours(sampling, written)
    assert set(found) <= set(truth)
    assert sum(abs(truth[token] - found.get(token, 0)) for token in truth) / 2 < 0.12
    assert all(token in found for token, chance in truth.items() if chance > 0.01)

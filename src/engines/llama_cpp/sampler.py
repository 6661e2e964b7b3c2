"""The next token: llama.cpp's own sampler chain, one for each candidate."""

from typing import Any

import llama_cpp as lib
import numpy as np

from ...chat import Alternative, Sampling, TokenLogprob
from .model import Model

SEEDS = 2**32
# llama.cpp reads this seed as "take a random one".
RANDOM_SEED = SEEDS - 1


def seed_of(seed: int | None, candidate: int) -> int:
    """Each candidate has a seed of its own; the first one's is the request's."""
    if seed is None:
        return RANDOM_SEED
    return (seed + candidate * 0x9E3779B1) % RANDOM_SEED


class Sampler:
    def __init__(self, model: Model, sampling: Sampling, candidate: int, context: int) -> None:
        self._model = model
        self._logprobs = sampling.logprobs
        self._chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for part in self._parts(sampling, seed_of(sampling.seed, candidate), context):
            lib.llama_sampler_chain_add(self._chain, part)

    def next(self, context: Any, index: int) -> tuple[int, TokenLogprob | None]:
        token = int(lib.llama_sampler_sample(self._chain, context, index))
        if self._logprobs is None:
            return token, None
        logits = lib.llama_get_logits_ith(context, index)
        return token, self._entry(np.ctypeslib.as_array(logits, (self._model.vocab_size,)), token)

    def close(self) -> None:
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None

    def _parts(self, sampling: Sampling, seed: int, context: int) -> list[Any]:
        parts = []
        if bias := self._bias(sampling):
            entries = (lib.llama_logit_bias * len(bias))(*[lib.llama_logit_bias(t, b) for t, b in bias])
            parts.append(lib.llama_sampler_init_logit_bias(self._model.vocab_size, len(bias), entries))
        penalties = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
        if penalties != (1.0, 0.0, 0.0):
            parts.append(lib.llama_sampler_init_penalties(self._model.vocab_size, context, *penalties))
        if sampling.temperature <= 0:
            return [*parts, lib.llama_sampler_init_greedy()]
        if sampling.top_k > 0:
            parts.append(lib.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1:
            parts.append(lib.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            parts.append(lib.llama_sampler_init_min_p(sampling.min_p, 1))
        return [*parts, lib.llama_sampler_init_temp(sampling.temperature), lib.llama_sampler_init_dist(seed)]

    def _bias(self, sampling: Sampling) -> list[tuple[int, float]]:
        bias = [(token, value) for token, value in sampling.logit_bias if token < self._model.vocab_size]
        if sampling.ignore_eos:
            bias += [(token, float("-inf")) for token in self._model.end_tokens]
        return bias

    def _entry(self, logits: Any, token: int) -> TokenLogprob:
        """Of the model's own distribution, before temperature and cuts."""
        peak = float(logits.max())
        total = peak + float(np.log(np.exp(logits - peak).sum()))
        best: Any = []
        if count := min(self._logprobs or 0, len(logits)):
            best = np.argpartition(-logits, count - 1)[:count]
            best = best[np.argsort(-logits[best])]
        top = tuple(Alternative(self._model.piece(int(t)), float(logits[t]) - total) for t in best)
        return TokenLogprob(self._model.piece(token), float(logits[token]) - total, top)

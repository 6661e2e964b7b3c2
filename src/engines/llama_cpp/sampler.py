"""The next token of one candidate: llama.cpp's own sampler chain, over the tokens that can still win.

The chain looks at every token of the vocabulary, although top-k keeps forty. Which these are is found faster in
numpy (measured with 49,000 tokens: 13 instead of 100 microseconds), and the chain then chooses among them. The
result is the same.
"""

import ctypes
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from ...chat import Reason, Sampling, TokenLogprob
from ...errors import EngineFault
from ..contenders import contenders
from ..distribution import Weighed, entry, weigh
from ..grammar import Constraint
from .model import Model

Logits = NDArray[np.float32]

SEEDS = 2**32
# llama.cpp reads this seed as "take a random one".
RANDOM_SEED = SEEDS - 1
NO_PENALTIES = (1.0, 0.0, 0.0)
ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def seed_of(seed: int | None, candidate: int) -> int:
    """Each candidate has a seed of its own; the first one's is the request's."""
    if seed is None:
        return RANDOM_SEED
    return (seed + candidate * 0x9E3779B1) % RANDOM_SEED


class Sampler:
    def __init__(
        self, model: Model, sampling: Sampling, candidate: int, context: int, constraint: Constraint | None = None
    ) -> None:
        self._model = model
        self._logprobs = sampling.logprobs
        self._measured = sampling.measured
        self.weighed: list[Weighed] = []
        self._constraint = constraint
        self._greedy = sampling.temperature <= 0
        penalties = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
        self._penalised = penalties != NO_PENALTIES
        # Penalties can lift a token over all others, so there every token is a contender.
        self._top = 0 if self._penalised else 1 if self._greedy else sampling.top_k
        self._bias = self._biases(sampling)
        self._chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if self._penalised:
            part = lib.llama_sampler_init_penalties(model.vocab_size, context, *penalties)
            lib.llama_sampler_chain_add(self._chain, part)
        for part in self._parts(sampling, seed_of(sampling.seed, candidate)):
            lib.llama_sampler_chain_add(self._chain, part)

    @property
    def finished(self) -> bool:
        """The grammar allows nothing more."""
        return self._constraint is not None and self._constraint.finished

    @property
    def shortened(self) -> bool:
        """A value that repeated itself was ended."""
        return self._constraint is not None and self._constraint.shortened

    @property
    def reason(self) -> Reason:
        """Why it ended where it could end by itself: only in form, where a value was ended for want of tokens."""
        return "length" if self._constraint is not None and self._constraint.cut else "stop"

    def next(self, logits: Logits) -> tuple[int, TokenLogprob | None]:
        """The token, which counts as accepted. The logits are changed by it."""
        own = logits.copy() if self._logprobs is not None else None
        if self._bias:
            logits[self._bias[0]] += self._bias[1]
        bits = self._constraint.allowed() if self._constraint else None
        token = self._choose(logits, contenders(logits, bits, self._top))
        if self._measured:
            self.weighed.append(weigh(logits, token, bits, self._model.end_tokens))
        lib.llama_sampler_accept(self._chain, token)
        if self._constraint and token not in self._model.end_tokens:
            self._constraint.accept(token)
        return token, None if own is None else entry(own, token, self._logprobs or 0, self._model.piece)

    def follow(self, token: int) -> None:
        lib.llama_sampler_accept(self._chain, token)
        if self._constraint:
            self._constraint.accept(token)

    def forced(self) -> list[int]:
        """Tokens that follow without a choice. With log-probabilities wanted each token is asked for on its own."""
        if self._constraint is None or self._logprobs is not None:
            return []
        tokens = self._constraint.forced()
        for token in tokens:
            lib.llama_sampler_accept(self._chain, token)
        return tokens

    def close(self) -> None:
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None

    def _choose(self, logits: Logits, among: NDArray[np.intp]) -> int:
        if len(among) == 0:
            raise EngineFault("The grammar of this answer allows no token that the request allows.")
        if len(among) == 1:
            return int(among[0])
        entries = np.empty(len(among), ENTRY)
        entries["id"], entries["logit"] = among, logits[among]
        array = lib.llama_token_data_array(
            data=ctypes.cast(entries.ctypes.data, lib.llama_token_data_p), size=len(entries), selected=-1, sorted=False
        )
        lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(entries["id"][array.selected])

    def _parts(self, sampling: Sampling, seed: int) -> list[Any]:
        if self._greedy:
            return [lib.llama_sampler_init_greedy()]
        parts = []
        if sampling.top_k > 0:
            parts.append(lib.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1:
            parts.append(lib.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0:
            parts.append(lib.llama_sampler_init_min_p(sampling.min_p, 1))
        return [*parts, lib.llama_sampler_init_temp(sampling.temperature), lib.llama_sampler_init_dist(seed)]

    def _biases(self, sampling: Sampling) -> tuple[NDArray[np.intp], Logits] | None:
        bias = {token: value for token, value in sampling.logit_bias if token < self._model.vocab_size}
        if sampling.ignore_eos:
            bias |= dict.fromkeys(self._model.end_tokens, float("-inf"))
        if not bias:
            return None
        return np.array(list(bias), np.intp), np.array(list(bias.values()), np.float32)

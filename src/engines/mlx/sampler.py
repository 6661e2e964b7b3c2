"""The next token of one candidate, chosen in numpy by the rules of llama.cpp's samplers and in their order."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ...chat import Reason, Sampling, TokenLogprob
from ...errors import EngineFault
from ..contenders import contenders
from ..distribution import Weighed, entry, weigh
from ..grammar import Constraint
from .vocabulary import Vocabulary

Logits = NDArray[np.float32]
Tokens = NDArray[np.intp]

NO_PENALTIES = (1.0, 0.0, 0.0)


class Sampler:
    def __init__(
        self, vocabulary: Vocabulary, sampling: Sampling, candidate: int, constraint: Constraint | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._sampling = sampling
        self._constraint = constraint
        self._greedy = sampling.temperature <= 0
        self._penalised = (
            sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty
        ) != NO_PENALTIES  # fmt: skip
        # Penalties can lift a token over all others, so there every token is a contender.
        self._top = 0 if self._penalised else 1 if self._greedy else sampling.top_k
        self._bias = self._biases()
        self._written: Counter[int] = Counter()
        self.weighed: list[Weighed] = []
        # Each candidate draws from a stream of its own, so nobody else in the batch matters.
        self._random = np.random.default_rng(None if sampling.seed is None else [sampling.seed % 2**64, candidate])

    @property
    def finished(self) -> bool:
        return self._constraint is not None and self._constraint.finished

    @property
    def reason(self) -> Reason:
        """Only in form an end of its own, where a value was ended for want of tokens."""
        return "length" if self._constraint is not None and self._constraint.cut else "stop"

    @property
    def shortened(self) -> bool:
        return self._constraint is not None and self._constraint.shortened

    def next(self, logits: Logits) -> tuple[int, TokenLogprob | None]:
        own = logits.copy() if self._sampling.logprobs is not None else None
        if self._bias:
            logits[self._bias[0]] += self._bias[1]
        bits = self._constraint.allowed() if self._constraint else None
        token = self._choose(logits, contenders(logits, bits, self._top))
        if self._sampling.measured:
            self.weighed.append(weigh(logits, token, bits, self._vocabulary.end_tokens))
        self._written[token] += 1
        if self._constraint and token not in self._vocabulary.end_tokens:
            self._constraint.accept(token)
        if own is None:
            return token, None
        return token, entry(own, token, self._sampling.logprobs or 0, self._vocabulary.piece)

    def follow(self, token: int) -> None:
        self._written[token] += 1
        if self._constraint:
            self._constraint.accept(token)

    def forced(self) -> list[int]:
        """With log-probabilities wanted each token is asked for on its own."""
        if self._constraint is None or self._sampling.logprobs is not None:
            return []
        tokens = self._constraint.forced()
        self._written.update(tokens)
        return tokens

    def close(self) -> None:
        """Nothing here has to be given back."""

    def _choose(self, logits: Logits, among: Tokens) -> int:
        if len(among) == 0:
            raise EngineFault("The grammar of this answer allows no token that the request allows.")
        values = logits[among]
        if self._penalised:
            self._punish(among, values)
        if self._greedy:
            return int(among[values.argmax()])
        order = np.argsort(-values, kind="stable")
        strong = self._cut(values[order].astype(np.float64))
        chances = _chances(strong / self._sampling.temperature)
        drawn = int(np.searchsorted(np.cumsum(chances), self._random.random(), side="right"))
        return int(among[order[min(drawn, len(chances) - 1)]])

    def _cut(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The strongest of these, which come in order: top-k, then top-p, then min-p."""
        if self._sampling.top_k > 0:
            values = values[: self._sampling.top_k]
        if self._sampling.top_p < 1:
            # As many as reach this share of the chances together.
            count = int(np.searchsorted(np.cumsum(_chances(values)), self._sampling.top_p)) + 1
            values = values[:count]
        if self._sampling.min_p > 0:
            values = values[values >= values[0] + np.log(self._sampling.min_p)]
        return values

    def _punish(self, contenders: Tokens, values: Logits) -> None:
        """What was written already, once or more often."""
        if not self._written:
            return
        tokens = np.array(sorted(self._written), np.intp)
        found = np.flatnonzero(np.isin(contenders, tokens))
        counts = np.array([self._written[int(token)] for token in contenders[found]], np.float32)
        before = values[found]
        scale = self._sampling.repeat_penalty
        after = np.where(before <= 0, before * scale, before / scale)
        values[found] = after - counts * self._sampling.frequency_penalty - self._sampling.presence_penalty

    def _biases(self) -> tuple[Tokens, Logits] | None:
        bias = {token: value for token, value in self._sampling.logit_bias if token < self._vocabulary.size}
        if self._sampling.ignore_eos:
            bias |= dict.fromkeys(self._vocabulary.end_tokens, float("-inf"))
        if not bias:
            return None
        return np.array(list(bias), np.intp), np.array(list(bias.values()), np.float32)


def _chances(values: NDArray[np.float64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.exp(values - values[0])
    chances: NDArray[np.float64] = weights / weights.sum()
    return chances

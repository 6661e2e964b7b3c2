"""The vocabulary of the embedded model, and random walks through it."""

import random
import warnings
from pathlib import Path

import llama_cpp
import numpy as np
from llguidance import LLMatcher, LLTokenizer
from llguidance.llamacpp import lltokenizer_from_vocab
from numpy.typing import NDArray

ENDS = ('"', '"}', '"]', "}", "]", "}}", "]}", '",', ",", '\\"', ".", "@", ":")
MOST_TOKENS = 300
HURRY = 60


class Vocabulary:
    def __init__(self, path: Path) -> None:
        parameters = llama_cpp.llama_model_default_params()
        parameters.vocab_only = True
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        with warnings.catch_warnings():
            # llguidance's adapter still calls llama.cpp by an older name.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.tokenizer: LLTokenizer = lltokenizer_from_vocab(llama_cpp.llama_model_get_vocab(self._model))
        self._ends = np.zeros(self.tokenizer.vocab_size, np.bool_)
        self._ends[[self.tokenizer.eos_token, *(self.tokenizer.tokenize_str(text)[0] for text in ENDS)]] = True

    def close(self) -> None:
        llama_cpp.llama_model_free(self._model)

    def matcher(self, grammar: str) -> LLMatcher:
        matcher = LLMatcher(self.tokenizer, grammar, log_level=0)
        assert not matcher.is_error(), matcher.get_error()
        return matcher

    def allowed(self, matcher: LLMatcher) -> NDArray[np.bool_]:
        bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
        assert not matcher.is_error(), matcher.get_error()
        return np.unpackbits(bits, count=self.tokenizer.vocab_size, bitorder="little").view(np.bool_)

    def walk(self, grammar: str, seed: int, begun: str = "") -> str | None:
        """What comes of taking any allowed token, again and again; None where there was no end to it."""
        matcher, chance = self.matcher(grammar), random.Random(seed)
        tokens = self.tokenizer.tokenize_str(begun) if begun else []
        assert matcher.consume_tokens(tokens), matcher.get_error()
        while len(tokens) < MOST_TOKENS:
            token = self._next(self.allowed(matcher), chance, hurry=len(tokens) > HURRY)
            if token == self.tokenizer.eos_token:
                return self.tokenizer.decode_str(tokens)
            tokens.append(token)
            assert matcher.consume_token(token), matcher.get_error()
        return None

    def _next(self, allowed: NDArray[np.bool_], chance: random.Random, hurry: bool) -> int:
        """Mostly anything, but strings and lists do come to their ends."""
        ends = np.flatnonzero(allowed & self._ends)
        tokens = ends if len(ends) and (hurry or chance.random() < 0.3) else np.flatnonzero(allowed)
        return int(tokens[chance.randrange(len(tokens))])

    def accepts(self, grammar: str, text: str, ended: bool = True) -> bool:
        """Can the whole text be written, and (unless `ended` is false) may the answer end behind it?"""
        return self.accepts_tokens(grammar, self.tokenizer.tokenize_str(text), ended)

    def accepts_tokens(self, grammar: str, tokens: list[int], ended: bool = True) -> bool:
        matcher = self.matcher(grammar)
        whole = matcher.try_consume_tokens(tokens) == len(tokens)
        return whole and (not ended or matcher.is_accepting())

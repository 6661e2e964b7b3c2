"""What llguidance accepts, and what it accepts but would give up on in the middle of an answer."""

import json
import random
import re
import string
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from llguidance import LLMatcher, LLParserLimits, LLTokenizer, TokenizerWrapper

from .lark import json_value

# A part of llguidance's own limits: many schemas may share one grammar.
LIMITS = LLParserLimits(initial_lexer_fuel=200_000, max_grammar_size=100_000)
# Its automaton has a state for each remainder: 5000 take 40 ms, 100 million take all memory.
MOST_REMAINDERS = 1000
# Counted repetitions can multiply, and then a mask runs out of fuel (200,000 steps for a whole vocabulary). A small
# vocabulary with a tenth of that fuel told all patterns that failed with a real one from all that did not.
COUNTED = re.compile(r"\{\d")
TRIAL = LLParserLimits(step_lexer_fuel=20_000)
TRIAL_WORDS = 3000
TRIAL_LENGTH = 60
BYTES = 256
QUOTE = ord('"')


def compiles(schema: dict[str, Any]) -> bool:
    refused, _ = LLMatcher.validate_grammar_with_warnings(f"start: {json_value(schema)}", limits=LIMITS)
    return not refused


def divisor_is_cheap(step: float) -> bool:
    return 0 < Fraction(str(step)).numerator <= MOST_REMAINDERS


@lru_cache(256)
def pattern_is_cheap(pattern: str) -> bool:
    """Tried with a text of random words. A pattern that does not even compile is not for here to find."""
    if not COUNTED.search(pattern):
        return True
    grammar = f"start: %json {json.dumps({'type': 'string', 'pattern': pattern})}"
    matcher = LLMatcher(_trial_tokenizer(), grammar, log_level=0, limits=TRIAL)
    if matcher.is_error():
        return True
    chance = random.Random(0)
    matcher.consume_token(QUOTE)
    for _ in range(TRIAL_LENGTH):
        allowed = matcher.compute_logit_bias()
        choices = [token for token, allows in enumerate(allowed[BYTES:-1], BYTES) if allows] or _plain(allowed)
        if not choices:
            break
        matcher.consume_token(chance.choice(choices))
    return not matcher.is_error()


def _plain(allowed: bytes) -> list[int]:
    return [byte for byte in range(ord(" "), ord("~")) if allowed[byte] and byte not in b'"\\']


class _TrialVocabulary:
    """All bytes, and random words of two to eight characters."""

    bos_token_id = None

    def __init__(self) -> None:
        chance = random.Random(0)
        # Letters are the rule, the others the exception.
        letters = string.ascii_lowercase * 6 + string.ascii_uppercase + string.digits + " -_./"
        words = {"".join(chance.choices(letters, k=chance.randint(2, 8))) for _ in range(TRIAL_WORDS)}
        self.tokens = (
            [bytes([byte]) for byte in range(BYTES)] + [word.encode() for word in sorted(words)] + [b"\xff<end>"]
        )
        self.eos_token_id = len(self.tokens) - 1

    def __call__(self, text: bytes) -> Sequence[int]:
        return list(text)


@lru_cache(1)
def _trial_tokenizer() -> LLTokenizer:
    return LLTokenizer(TokenizerWrapper(_TrialVocabulary()))

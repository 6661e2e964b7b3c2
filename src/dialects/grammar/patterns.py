"""A client's regular expressions, run by the engine that also enforces them: in linear time, with its limits."""

import json
from functools import lru_cache

from llguidance import LLMatcher, LLTokenizer


def matches(pattern: str, text: str) -> bool:
    """Anywhere in the text, as in JSON Schema. A pattern that is not enforced is matched by everything."""
    matcher = _compiled(pattern)
    if matcher is None:
        return True
    trial = matcher.deep_copy()
    tokens = byte_tokenizer().tokenize_bytes(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))
    return trial.try_consume_tokens(tokens) == len(tokens) and trial.is_accepting()


@lru_cache(256)
def _compiled(pattern: str) -> LLMatcher | None:
    grammar = LLMatcher.grammar_from_json_schema({"type": "string", "pattern": pattern})
    matcher = LLMatcher(byte_tokenizer(), grammar, log_level=0)
    return None if matcher.is_error() else matcher


@lru_cache(1)
def byte_tokenizer() -> LLTokenizer:
    """A token for each byte."""
    return LLTokenizer("byte")

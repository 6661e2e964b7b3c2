"""Exclusive bounds of numbers. Where both bounds lie within one whole number of each other, llguidance lets a whole one
be written although it is excluded: 0 where above 0 and below 0.001 was asked for."""

import json
from decimal import Decimal
from functools import lru_cache

from llguidance import LLMatcher

from .bounds import NUMBERS
from .patterns import byte_tokenizer
from .place import Node, without

INCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
INWARDS = {"exclusiveMinimum": Decimal(1), "exclusiveMaximum": Decimal(-1)}
FACING = {"exclusiveMinimum": ("maximum", "exclusiveMaximum"), "exclusiveMaximum": ("minimum", "exclusiveMinimum")}
# The bound that is enforced instead lies this many decimal places below the first one of the width between the two.
PLACES = 3


def leaking(node: Node) -> list[str]:
    """The keywords of exclusive bounds that could be written themselves."""
    exclusive = [keyword for keyword in INCLUSIVE if keyword in node]
    if not exclusive or "number" not in node.get("type", ()):
        return []
    limits = json.dumps({"type": "number"} | {keyword: node[keyword] for keyword in NUMBERS if keyword in node})
    return [keyword for keyword in exclusive if _writable(limits, node[keyword])]


def moved(node: Node, keyword: str) -> Node:
    """With an inclusive bound a little further in; with none where there is no room for one."""
    bound = Decimal(str(node[keyword]))
    widths = [Decimal(str(node[name])) - bound for name in FACING[keyword] if name in node]
    width = min(widths, key=abs, default=INWARDS[keyword])
    inner = float(bound + Decimal(1).scaleb(width.adjusted() - PLACES).copy_sign(width))
    kept = without(node, keyword)
    return kept if inner == node[keyword] else kept | {INCLUSIVE[keyword]: inner}


@lru_cache(256)
def _writable(limits: str, bound: float) -> bool:
    matcher = LLMatcher(byte_tokenizer(), f"start: %json {limits}", log_level=0)
    return not matcher.is_error() and any(_writes(matcher, text) for text in _spelled(bound))


def _spelled(bound: float) -> list[str]:
    return [json.dumps(bound)] + (["-0"] if bound == 0 else [])


def _writes(matcher: LLMatcher, text: str) -> bool:
    trial = matcher.deep_copy()
    tokens = byte_tokenizer().tokenize_bytes(text.encode())
    return trial.try_consume_tokens(tokens) == len(tokens) and trial.is_accepting()

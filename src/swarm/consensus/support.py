"""Do the words of a conversation support a call? Which of its values occur there, and which values there it leaves out.

No model is asked: a value that was copied from the request is rarely wrong, and one that nobody mentioned mostly is.
Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .words import Heard, Words, as_float, folded, words_of

# What can be said of a value that no words could support: neither for it nor against it.
UNKNOWN = 0.5
DEFAULT = re.compile(r"\bdefaults?\b(?: value)?(?: is| to|s)?[:=]?([^;]{0,80})", re.IGNORECASE)
# A text of more words than this was written and not copied: the request says nothing for or against it.
WORDS_OF_VALUE = 16

# The name of a tool and its arguments.
Said = tuple[str, Mapping[str, Any]]
Schemas = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Support:
    """Of all calls of one answer together. 0 is good but for `named`."""

    made_up: float = 0.0  # values of needed parameters that nobody mentioned, in parts of a value
    extra: float = 0.0  # the same of optional ones, which could have been left out
    left_out: float = 0.0  # share of the values in the request that occur in no call
    overused: float = 0.0  # values that one call has in more places than the request mentions them
    named: float = 0.0  # share of the words in the names of the tools that the request says: 1 is good


def support(calls: Sequence[Said], schemas: Schemas, heard: Heard) -> Support:
    words = heard.words
    made_up = extra = 0.0
    for name, said in calls:
        schema = schemas.get(name, {})
        needed = schema.get("required")
        for parameter, value in said.items():
            described = _described(schema, parameter)
            missing = 0.0 if is_default(value, described) else 1 - supported(parameter, value, words)
            if isinstance(needed, list) and parameter in needed:
                made_up += missing
            else:
                extra += missing
    return Support(
        made_up,
        extra,
        _left_out(calls, heard.wanted),
        # Calls beside each other may well share a value.
        max((_overused(said, words) for _, said in calls), default=0.0),
        sum(words.share(words_of(name)) for name, _ in calls) / max(1, len(calls)),
    )


def is_default(value: Any, described: Mapping[str, Any]) -> bool:
    """By its schema, or by the words that describe it."""
    if "default" in described:
        return bool(described["default"] == value)
    told = DEFAULT.search(str(described.get("description", "")))
    return bool(told) and _stand_in(value, told[1] if told else "")


def supported(parameter: str, value: Any, words: Words) -> float:
    """So much of this value was mentioned."""
    if isinstance(value, bool):
        said = words.share(words_of(parameter))
        return said if value else UNKNOWN * (1 - said)
    if isinstance(value, int | float):
        # `from rest`, `next month`: these two are often meant and not said.
        return 1.0 if words.has_number(value) else UNKNOWN * (value in (0, 1))
    if isinstance(value, str):
        return words.share_of_text(value) if 0 < len(words_of(value)) <= WORDS_OF_VALUE else UNKNOWN
    parts = list(_leaves(value)) if isinstance(value, Mapping | list) else []
    return sum(supported(parameter, part, words) for part in parts) / len(parts) if parts else UNKNOWN


def _described(schema: Mapping[str, Any], parameter: str) -> Mapping[str, Any]:
    properties = schema.get("properties")
    found = properties.get(parameter) if isinstance(properties, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _stand_in(value: Any, text: str) -> bool:
    """Each part of the value is a word or more of this text."""
    parts = [folded(str(leaf)) for leaf in _leaves(value)]
    return bool(parts) and all(
        part and re.search(rf"(?<!\w){re.escape(part)}(?!\w|\.\d)", folded(text)) for part in parts
    )


def _leaves(value: Any) -> Iterator[Any]:
    """In their order. Without recursion: nobody knows how deep a member's arguments are."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += reversed(list(one.values()))
        elif isinstance(one, list):
            waiting += reversed(one)
        else:
            yield one


def _left_out(calls: Sequence[Said], words: Words) -> float:
    leaves = [leaf for _, said in calls for leaf in _leaves(said) if not isinstance(leaf, bool)]
    said = Words(" ".join(str(leaf) for leaf in leaves) + " " + " ".join(name for name, _ in calls))
    missing = [1 - said.share(words_of(one)) for one in words.marked]
    missing += [float(number not in said.numbers and number / 100 not in said.numbers) for number in words.own_numbers]
    return sum(missing) / len(missing) if missing else 0.0


def _overused(said: Mapping[str, Any], words: Words) -> float:
    numbers = Counter(as_float(leaf) for leaf in _leaves(said) if _is_number(leaf))
    texts = Counter(folded(leaf) for leaf in _leaves(said) if isinstance(leaf, str) and leaf)
    too_often = sum(max(0, count - words.times(one)) for one, count in numbers.items() if words.has_number(one))
    return too_often + sum(count - 1 for count in texts.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

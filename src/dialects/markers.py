"""The texts that are one token of a model, wherever they stand in a prompt: where a text says them. Pure.

A marker is found by its first character, behind which the text is to be cut: what is cut there can become no token.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

# Words that a template takes out of what is said: a marker may be hidden around one.
TAKEN_OUT = re.compile(r"""replace\(\s*(["'])(?P<word>(?:(?!\1).)+)\1\s*,\s*(["'])\3\s*\)""")
CHANGES_CASE = re.compile(r"""(?:\||\.|map\(["'])\s*(?:upper|lower|title|capitalize|swapcase)\b""")
NOTHING = re.compile(r"(?!)")
END = ""


class Markers:
    """`template`: what it does to texts can make markers of what were none."""

    def __init__(self, texts: Iterable[str], template: str = "") -> None:
        self._texts = {text for text in texts if len(text) > 1}
        self._any_case = bool(CHANGES_CASE.search(template))
        words = {found["word"].replace("\\n", "\n") for found in TAKEN_OUT.finditer(template)}
        self._taken_out = sorted(words, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def cuts(self, text: str) -> list[int]:
        """Behind the first character of each marker, and behind an end that what follows could make a marker of."""
        places = list(self._found(text))
        if self._taken_out and self._hides(text):
            places = [at + 1 for at, character in enumerate(text) if character in self._firsts]
        end = len(text.rstrip())
        return [*places, end] if self._begins(text[max(0, end - self._longest) : end]) else places

    def count(self, text: str, most: int) -> int:
        """Those in a text, up to so many."""
        return sum(1 for _ in islice(self._found(text), most))

    def completes(self, name: str) -> bool:
        """Between brackets, as templates write names, it would be a marker or its end."""
        name = name.strip()
        return self._case(name) in self._cores or bool(self._rest.match(name))

    def _begins(self, end: str) -> bool:
        if self._firsts.isdisjoint(end):
            return False
        return any(self._case(end[at:]) in self._beginnings for at in range(len(end)))

    def _hides(self, text: str) -> bool:
        bare = text
        while word := next((word for word in self._taken_out if word in bare), ""):
            bare = bare.replace(word, "")
            if self._pattern.search(bare):
                return True
        return False

    def _found(self, text: str) -> Iterator[int]:
        """Also of those that lie over each other."""
        found = self._pattern.search(text)
        while found:
            yield found.start() + 1
            found = self._pattern.search(text, found.start() + 1)

    def _case(self, text: str) -> str:
        return text.lower() if self._any_case else text

    def _compiled(self, texts: Iterable[str]) -> re.Pattern[str]:
        return re.compile(_branches(_tree(texts)), re.IGNORECASE if self._any_case else re.NOFLAG)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return self._compiled(self._texts)

    @cached_property
    def _firsts(self) -> frozenset[str]:
        return frozenset(case for text in self._texts for case in (text[0], text[0].lower(), text[0].upper()))

    @cached_property
    def _bracketed(self) -> list[str]:
        """Of letters alone many a word would be the beginning."""
        return [self._case(text) for text in self._texts if not text[0].isalnum()]

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(text[:size] for text in self._bracketed for size in range(1, len(text)))

    @cached_property
    def _rests(self) -> frozenset[str]:
        closing = {text[2:] for text in self._bracketed if text[1] == "/" and len(text) > 3}
        return frozenset({text[1:] for text in self._bracketed if len(text) > 2} | closing)

    @cached_property
    def _rest(self) -> re.Pattern[str]:
        return self._compiled(self._rests) if self._rests else NOTHING

    @cached_property
    def _cores(self) -> frozenset[str]:
        return frozenset(rest[:-1] for rest in self._rests)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._texts), default=1)


def _tree(texts: Iterable[str]) -> dict[str, Any]:
    """Some models have thousands: what they begin with alike is looked at once."""
    tree: dict[str, Any] = {}
    for text in texts:
        branch = tree
        for character in text:
            branch = branch.setdefault(character, {})
        branch[END] = {}
    return tree


def _branches(tree: dict[str, Any]) -> str:
    """The shortest is enough: all of them begin at the same place."""
    if END in tree:
        return ""
    branches = [re.escape(character) + _branches(branch) for character, branch in sorted(tree.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"

"""What a request says: its words, its numbers in figures and in letters, and the names in it. Pure."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SPELLED = (
    {word: float(at) for at, word in enumerate(SMALL)}
    | {word: 10.0 * (at + 2) for at, word in enumerate(TENS)}
    | {"half": 0.5, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "once": 1.0, "twice": 2.0}
    | {"first": 1.0, "second": 2.0, "third": 3.0, "dozen": 12.0, "single": 1.0, "double": 2.0, "pair": 2.0}
)
SCALES = {"hundred", "thousand", "million", "billion", "k", "m"}
SCALE = SPELLED | {"k": 1e3, "m": 1e6}
# Not the figures of a name such as `DNA123`.
NUMBER = re.compile(r"(?<![A-Za-z\d.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE]-?\d+)?|(?<![\w.])-?\.\d+")
SCALED = re.compile(rf"({NUMBER.pattern})\s?({'|'.join(sorted(SCALES))})\b")
WORD = re.compile(r"[^\W_]+")
PARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")
QUOTED = re.compile(r"[\"\u201c]([^\"\u201d]{1,60})[\"\u201d]|(?<!\w)['\u2018]([^'\u2019]{1,60})['\u2019](?!\w)")
# Names inside a sentence; what begins one may be any word.
NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<![\w'])[A-Z][\w'-]*(?:\s[A-Z][\w'-]*)*")
# They say nothing about what is wanted.
EMPTY = frozenset(
    "a an and are as at be by can could do does for from get give has have how i if in is it its let me my of on or "
    "please should tell that the their them then there this to us using want was we what when where which who will "
    "with would you your find show need".split()
)
# So many letters must be the same for a word to be another form of it; the last one may differ in shorter ones.
STEM = 5
SHORT = 4


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def words_of(name: str) -> list[str]:
    """Of a text, or of the name of a tool or a parameter."""
    return WORD.findall(folded(PARTS.sub(" ", name)))


def as_float(number: float) -> float:
    """JSON's numbers have no largest one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def numbers_of(text: str) -> list[float]:
    """Those written in figures, and those in letters."""
    found = [float(one.replace(",", "")) for one in NUMBER.findall(text)]
    words = words_of(text)
    for at, word in enumerate(words):
        if word not in SPELLED:
            continue
        value = SPELLED[word]
        if word in TENS and at + 1 < len(words) and words[at + 1] in SMALL[1:10]:
            value += SPELLED[words[at + 1]]
        found.append(value)
    found += _scaled(text)
    return found


def _scaled(text: str) -> list[float]:
    return [float(one.replace(",", "")) * SCALE[scale] for one, scale in SCALED.findall(folded(text))]


class Words:
    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = " ".join(words_of(text))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._folded.split())

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(_stem(word) for word in self._words)

    @cached_property
    def own_numbers(self) -> list[float]:
        """As they are written, each once."""
        return list(dict.fromkeys(float(one.replace(",", "")) for one in NUMBER.findall(self._text)))

    @cached_property
    def _counted(self) -> Counter[float]:
        return Counter(numbers_of(self._text))

    @cached_property
    def numbers(self) -> frozenset[float]:
        """With those that a percentage, a scale or a sign makes of them."""
        found = set(self._counted)
        if "%" in self._text or "percent" in self._folded:
            found |= {round(number / 100, 10) for number in self._counted}
        return frozenset(found | {abs(number) for number in found})

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """What is quoted or is a name."""
        quoted = [a or b for a, b in QUOTED.findall(self._text)]
        return tuple(dict.fromkeys([*quoted, *NAME.findall(self._text)]))

    def times(self, number: float) -> int:
        """It is mentioned so often, and at least once."""
        counted = self._counted
        return max(1, counted[number] + counted[-number], counted[round(number * 100, 10)])

    def has_number(self, number: float) -> bool:
        return round(as_float(number), 10) in self.numbers

    def share(self, words: list[str]) -> float:
        """So much of these words is said, in this form or in another."""
        weighty = [word for word in words if word not in EMPTY] or words
        if not weighty:
            return 0.0
        return sum(self._says(word) for word in weighty) / len(weighty)

    def _says(self, word: str) -> bool:
        """Itself, another form of it, what it is short for, or its letters as initials."""
        if word in self._words or _stem(word) in self._stems:
            return True
        return len(word) > 1 and (word in self._initials or self._begins(word))

    def _begins(self, word: str) -> bool:
        at = bisect_left(self._sorted, word)
        return at < len(self._sorted) and self._sorted[at].startswith(word)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._words)

    @cached_property
    def _initials(self) -> frozenset[str]:
        """Of two or three words that follow each other."""
        words = self._folded.split()
        return frozenset("".join(word[0] for word in words[at : at + n]) for n in (2, 3) for at in range(len(words)))

    def share_of_text(self, text: str) -> float:
        words = words_of(text)
        if not words:
            return float(bool(text) and text in self._text)
        if f" {' '.join(words)} " in f" {self._folded} ":
            return 1.0
        said = [self.has_number(float(word)) if word.isdecimal() else self.share([word]) for word in words]
        return float(sum(said)) / len(said)


@dataclass(frozen=True, slots=True)
class Heard:
    """`wanted`: what the user wants now. `words`: that, and what was said before, such as the results of calls."""

    wanted: Words
    words: Words


def heard(asked: str, known: str = "") -> Heard:
    wanted = Words(asked)
    return Heard(wanted, Words(f"{known}\n{asked}") if known else wanted)


def _stem(word: str) -> str:
    """A rough one: `cells` and `cell` are the same word, and so are `converting` and `conversion`."""
    return word[: min(STEM, max(SHORT, len(word) - 1))]

"""A short answer, or the final one at the end of a longer text, in its canonical form. Pure."""

import re

from .numbers import PLAIN, day, number, numbers_in

# Words of an answer that is short as a whole.
MOST_WORDS = 12
# Characters; more is not looked through.
LONGEST = 400
# What is left when marks are taken away may read as another number: `0/,1` as `0/ 1`, and that as 0.
MOST_TIMES = 8

# At the very end: anywhere else it is a heading.
HASHES = re.compile(rf"^[ \t]*####[ \t]*(\S.{{,{LONGEST}}})\s*\Z", re.M)
BOXED = re.compile(r"\\boxed\{")
TOLD = re.compile(r"\banswer(?: is\b[\s:*=]*|[\s*]*[:=][\s*]*)(\S.*)$", re.I)
# A calculation, the last result in a sentence, and a sentence that draws the conclusion.
WORKED = re.compile(r"[0-9)%] ?= ?[-$€£]?[0-9]")
RESULT = re.compile(rf"= ?([-$€£]*(?:{PLAIN})%?)(?![^=]*=)")
CONCLUDES = re.compile(r"\W*(?:so|therefore|thus|hence|in total|altogether|finally)\b", re.I)
SENTENCE = re.compile(r"[.!?]\**(?:\s|$)")
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")

SAME = str.maketrans("\u2018\u2019\u201c\u201d\u2212\u2013\u00a0\u202f\u2009", "''\"\"--   ")
LATEX = re.compile(
    r"\\(?:text|mathrm|mathbf|textbf)\{([^{}]*)\}|\\[()\[\]!,;]|\\d?frac\{([0-9]+)\}\{([0-9]+)\}|\\([%$#])"
)
# Around an answer; a point before a digit is a part of it.
LEFT = re.compile(r"\A(?:(?!\.[0-9])[\s.,;:!?\"'`*_()\[\]{}])+")
# Begun only where it can begin: a row of a thousand points is gone through once.
RIGHT = re.compile(r"(?<![\s.,;:!?\"'`*_()\[\]{}])[\s.,;:!?\"'`*_()\[\]{}]++\Z")
UNKNOWN = re.compile(r"\A[A-Za-z] ?= ?(?=[-+.0-9])")
CURRENCY = re.compile(r"[$€£¥]|\b(?:usd|eur|gbp|dollars?|euros?|pounds sterling)\b", re.I)
ARTICLES = ("a", "an", "the")
BETWEEN = re.compile(r"(?<![0-9]),|,(?![0-9]{3}(?![0-9]))|[;:!?\"`*_()\[\]{}]+|\.(?=\s)")


def marked(text: str) -> str | None:
    """The final answer where it is marked as one by a form of its own: `#### 42`, `\\boxed{42}`."""
    if found := HASHES.search(text):
        return canonical(found[1]) or None
    return canonical(_boxed(text)) or None


def answer(text: str) -> str | None:
    """The final answer where there is one: at the end of the text, or the text itself."""
    text = text.strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    for found in (_told(lines[-1]), _bold(lines[-1]), _worked(text, lines[-1])):
        if found and _is_short(found):
            return canonical(found) or None
    return canonical(text) or None if _is_short(text) else None


def canonical(text: str) -> str:
    """Numbers as exact decimals, dates as ISO, and words without case, articles and punctuation."""
    for _ in range(MOST_TIMES):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    text = _bare(LATEX.sub(_unwrapped, text.translate(SAME)))
    if date := day(text):
        return date
    text = _bare(CURRENCY.sub(" ", text))
    whole = _measured(UNKNOWN.sub("", text))
    if whole is not None:
        return whole
    words = [word for one in BETWEEN.sub(" ", text).split() if (word := _word(one))]
    return " ".join(word for at, word in enumerate(words) if word not in ARTICLES or at == len(words) - 1)


def _bare(text: str) -> str:
    return RIGHT.sub("", LEFT.sub("", text))


def _unwrapped(found: re.Match[str]) -> str:
    inside, above, below, sign = found.groups()
    return inside or (f"{above}/{below}" if above else sign or " ")


def _measured(text: str) -> str | None:
    """A number alone, or one in percent."""
    percent = text.endswith("%")
    found = number(text.removesuffix("%"))
    return None if found is None else f"{found}%" if percent else found


def _word(word: str) -> str:
    bare = _bare(word)
    return _measured(bare) or bare.casefold()


def _boxed(text: str) -> str:
    """What stands in the last box, to the brace that closes it."""
    starts = [found.end() for found in BOXED.finditer(text)]
    if not starts:
        return ""
    depth = 1
    for at, character in enumerate(text[starts[-1] : starts[-1] + LONGEST]):
        depth += (character == "{") - (character == "}")
        if not depth:
            return text[starts[-1] : starts[-1] + at]
    return ""


def _told(line: str) -> str | None:
    """What comes behind `the answer is`, or only the number that it begins with."""
    found = TOLD.search(line)
    if not found:
        return None
    first = SENTENCE.split(found[1])[0]
    return first if re.match(r"[-+$.*]*[0-9]", first) else found[1]


def _bold(line: str) -> str | None:
    """The only bold piece of a line, where it is all of it, or a number."""
    found = BOLD.findall(line)
    if len(found) != 1:
        return None
    alone = not _bare(BOLD.sub("", line))
    return found[0] if alone or _measured(_bare(CURRENCY.sub("", found[0]))) else None


def _worked(text: str, line: str) -> str | None:
    """The result of a calculation that the last sentence ends, or tells."""
    if not WORKED.search(text):
        return None
    last = [sentence for sentence in SENTENCE.split(line.translate(SAME)) if _bare(sentence)][-1:]
    for sentence in last:
        if found := RESULT.search(sentence):
            return found[1]
        numbers = list(numbers_in(sentence))
        if CONCLUDES.match(sentence) and len(numbers) == 1:
            return numbers[0]
    return None


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST and len(text.split()) <= MOST_WORDS and "\n" not in text.strip()

"""A grammar as clients write it in Lark: its words, and what the simplest of them stand for."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .lark import escaped

MOST_TOKENS = 5_000
TOKEN = re.compile(
    r"(?P<skipped>[ \t]+|//[^\n]*|\n\s*\|)"  # a line that goes on with an alternative is put right below
    r"|(?P<line>\n\s*)"
    r"|(?P<range>\"(?:[^\"\\\n]|\\.)\"\s*\.\.\s*\"(?:[^\"\\\n]|\\.)\")"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"i?)"
    r"|(?P<pattern>/(?:[^/\\\n]|\\.)+/[imsux]*)"
    r"|(?P<alias>->\s*\w+)"
    r"|(?P<head>[?!]?\w+(?:\.-?\d+)?\s*:)"
    r"|(?P<directive>%\w+[^\n]*)"
    r"|(?P<times>~\s*\d+(?:\s*\.\.\s*\d+)?)"
    r"|(?P<name>\w+)"
    r"|(?P<mark>[()\[\]|*+?])"
)


class NotRegular(Exception):
    """The sentence's end says why."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


def tokens_of(text: str) -> Iterator[Token]:
    at = count = 0
    text = text.replace("\r\n", "\n")
    while at < len(text):
        found = TOKEN.match(text, at)
        count += 1
        if not found or count > MOST_TOKENS:
            raise NotRegular("it cannot be read" if not found else "it is too long")
        at = found.end()
        if found.lastgroup == "skipped":
            if found.group().endswith("|"):
                yield Token("mark", "|")
        elif found.lastgroup != "line":
            yield Token(str(found.lastgroup), found.group())


def expression_of(token: Token) -> str:
    if token.kind == "range":
        least, most = (str(json.loads(end)) for end in re.findall(r"\"(?:[^\"\\]|\\.)\"", token.text))
        return f"[{escaped(least)}-{escaped(most)}]"
    if token.kind == "text":
        text = escaped(_unquoted(token.text.rstrip("i") if token.text.endswith("i") else token.text))
        return f"(?i:{text})" if token.text.endswith("i") else text
    inside, _, flags = token.text[1:].rpartition("/")
    kept = "".join(sorted(set(flags) & set("imsx")))
    return f"(?{kept}:{inside})"


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        raise NotRegular(f"{text[:40]} is no text") from None

"""How llguidance's Lark is written: literal texts, control tokens, JSON values."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

# Is this marker one token of the served model? Its id says the same, and is needed where the name is not `<...>`.
Special = Callable[[str], int | bool | None]

# As Python's json.dumps writes it, or without the spaces: what templates show to models. Nothing else, because a small
# model that may write blank space sometimes does so until it is cut off.
SPACES = {"whitespace_flexible": False, "item_separator": ", ?", "key_separator": ": ?"}
MARKER = re.compile(r"<[^<>\s\"\\]+>|\[/?[A-Z][A-Z_]*\]")
PIECE = re.compile(
    r"//[^\n]*"  # a comment
    r"|\w+\s*=\s*\"(?:[^\"\\]|\\.)*\""  # an attribute of a rule: control tokens cannot be in it
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\")(?!i)"
    r"|/(?:[^/\\\n]|\\.)+/"  # a regular expression
    r"|(?P<value>%(?:json|regex)\s*)(?=\{)"
    r"|(?P<token><[^<>\s\[]+>)"
)


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def escaped(text: str) -> str:
    """For the inside of a regular expression. Odd characters go by number: in Rust's dialect `\\<` is no literal."""
    return "".join(char if char.isalnum() or ord(char) > 127 else f"\\x{ord(char):02x}" for char in text)


def json_value(schema: dict[str, Any], root: dict[str, Any] | None = None) -> str:
    """A JSON value of this schema, on one line. `root`: the schema that it is a part of, for its `$ref`s."""
    whole = {"$defs": root["$defs"], **schema} if root and "$defs" in root else schema
    return f"%json {json.dumps(whole | {'x-guidance': SPACES})}"


def control(name: str, special: Special) -> str | None:
    """The marker as a control token, None where the model has none of that name."""
    found = special(name)
    if found is True:
        return name if re.fullmatch(r"<[^<>\s\[][^<>\s]*>", name) else None
    return None if found is None or found is False else f"<[{found}]>"


def begins_with_control(text: str, special: Special) -> bool:
    found = MARKER.match(text)
    return bool(found and control(found.group(), special))


def marked(text: str, special: Special) -> str:
    """A literal text in which the markers that are control tokens of the model are written as such."""
    parts: list[str] = []
    done = 0
    for found in MARKER.finditer(text):
        token = control(found.group(), special)
        if token:
            parts += _literals(text[done : found.start()])
            parts.append(token)
            done = found.end()
    parts += _literals(text[done:])
    return parts[0] if len(parts) == 1 else f"({' '.join(parts)})"


def _literals(text: str) -> Iterable[str]:
    return [literal(text)] if text else []


def resolved(rules: str, special: Special) -> str:
    """The same rules, with each marker written as this model has it: as a control token or as literal text."""
    return "".join(_resolved(rules, special))


def _resolved(rules: str, special: Special) -> Iterator[str]:
    done = 0
    while found := PIECE.search(rules, done):
        yield rules[done : found.start()]
        done = found.end()
        if found["text"]:
            text = json.loads(found["text"], strict=False)
            yield marked(text, special) if MARKER.search(text) else found["text"]
        elif found["token"]:
            yield control(found["token"], special) or literal(found["token"])
        elif found["value"]:
            _, end = json.JSONDecoder().raw_decode(rules, done)
            yield rules[found.start() : end]
            done = end
        else:
            yield found.group()
    yield rules[done:]

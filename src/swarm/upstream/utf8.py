"""Text whose characters were cut in two by whoever wrote it: bytes that are no UTF-8, or halves of a surrogate pair.

A line of JSON is read with `surrogateescape`, so that a stray byte is a lone surrogate here; a server that writes
`\\ud83d` in one delta and `\\ude00` in the next gives lone surrogates too. Both are put together across deltas.
"""

import json
from typing import Any

STRAY = range(0xDC80, 0xDD00)  # how `surrogateescape` writes the bytes 0x80 to 0xff
HIGH = range(0xD800, 0xDC00)


def loads(line: bytes) -> Any:
    """ValueError where it is no JSON."""
    try:
        return json.loads(line)
    except UnicodeDecodeError:
        return json.loads(line.decode("utf-8", "surrogateescape"))


class Mender:
    """One text as it comes in. What may still become a character is held back."""

    def __init__(self) -> None:
        self._held = ""

    def push(self, text: str) -> str:
        if not self._held and is_whole(text):
            return text
        text, self._held = self._held + text, ""
        kept = _cut_at(text)
        self._held = text[kept:]
        return _mended(text[:kept])

    def finish(self) -> str:
        rest, self._held = _mended(self._held), ""
        return rest


def is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cut_at(text: str) -> int:
    """Where the end begins that is the first part of a character: a high surrogate, or up to three stray bytes."""
    if text and ord(text[-1]) in HIGH:
        return len(text) - 1
    at = len(text)
    while at and len(text) - at < 3 and ord(text[at - 1]) in STRAY:
        at -= 1
    stray = text[at:].encode("utf-8", "surrogateescape")
    for begin in range(len(stray)):
        if _awaits_more(stray[begin:]):
            return at + begin
    return len(text)


def _awaits_more(some: bytes) -> bool:
    wanted = 2 if 0xC2 <= some[0] < 0xE0 else 3 if 0xE0 <= some[0] < 0xF0 else 4 if 0xF0 <= some[0] < 0xF5 else 0
    return len(some) < wanted and all(0x80 <= byte < 0xC0 for byte in some[1:])


def _mended(text: str) -> str:
    pairs = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    as_bytes = b"".join(
        bytes([ord(mark) - 0xDC00]) if ord(mark) in STRAY else mark.encode("utf-8", "replace") for mark in pairs
    )
    return as_bytes.decode("utf-8", "replace")

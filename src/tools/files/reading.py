"""Some lines of a file that may be endless, without ever holding more than them. What is read is bounded."""

import os
from dataclasses import dataclass

CHUNK = 2**16
# So much is looked through for the lines that are wanted.
FARTHEST = 2**28


@dataclass(frozen=True, slots=True)
class Lines:
    text: bytes
    first: int  # counted from 1
    count: int
    more: bool  # the file goes on
    cut: bool = False  # the last line is not whole


def lines(descriptor: int, first: int, count: int, room: int) -> Lines | None:
    """`count` lines from the one of number `first`, `room` bytes at most; None where the file ends before that."""
    kept = bytearray()
    skip, passed = first - 1, 0
    while chunk := os.read(descriptor, CHUNK):
        passed += len(chunk)
        if skip and passed > FARTHEST:
            return None
        start, skip = _behind(chunk, skip)
        kept += chunk[start:]
        end = _end(kept, count)
        if end is not None or len(kept) > room:
            more = end is None or end < len(kept) or bool(os.read(descriptor, 1))
            return _whole(kept[:end], first, room, more)
    return _whole(kept, first, room, False) if kept or first == 1 else None


def _behind(chunk: bytes, skip: int) -> tuple[int, int]:
    """Where in the chunk the lines begin that are wanted, and how many are still to be skipped."""
    if skip and (ends := chunk.count(b"\n")) < skip:
        return len(chunk), skip - ends
    at = 0
    for _ in range(skip):
        at = chunk.index(b"\n", at) + 1
    return at, 0


def _end(kept: bytearray, count: int) -> int | None:
    at = 0
    for _ in range(count):
        at = kept.find(b"\n", at) + 1
        if not at:
            return None
    return at


def _whole(kept: bytearray, first: int, room: int, more: bool) -> Lines:
    """Cut behind the last line that there is room for; a line that alone is too long is cut in the middle."""
    if len(kept) <= room:
        return Lines(bytes(kept), first, _count(kept), more)
    end = kept.rfind(b"\n", 0, room) + 1
    text = bytes(kept[: end or room])
    return Lines(text, first, _count(text), True, cut=not end)


def _count(text: bytes | bytearray) -> int:
    return text.count(b"\n") + (not text.endswith(b"\n") and bool(text))

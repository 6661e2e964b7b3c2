"""What a change did, as a unified diff of which only so much is shown as helps. Pure."""

import difflib
from itertools import takewhile

AROUND = 3  # lines
# Comparing takes the square of this.
MOST_LINES = 1000
ROOM = 6000  # characters


def difference(before: str, after: str, path: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    start = max(0, _same(old, new) - AROUND)
    end = max(0, _same(old[start:][::-1], new[start:][::-1]) - AROUND)
    # What is the same before and behind is not compared.
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old_part), len(new_part)) > MOST_LINES:
        return f"Changed {path}, in too many places to show them."
    lines = difflib.unified_diff(old_part, new_part, f"a/{path}", f"b/{path}", lineterm="", n=AROUND)
    shown = "\n".join(_moved(line, start) for line in lines) or f"Changed the line breaks of {path}."
    return shown if len(shown) <= ROOM else shown[:ROOM] + "\n[the rest of the change is not shown]"


def _same(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _moved(line: str, by: int) -> str:
    """The head of a hunk with the numbers that its lines have in the whole file."""
    if not line.startswith("@@ "):
        return line
    _, *places, _ = line.split(" ")
    return " ".join(["@@", *(_later(place, by) for place in places), "@@"])


def _later(place: str, by: int) -> str:
    start, comma, count = place[1:].partition(",")
    return f"{place[0]}{int(start) + by}{comma}{count}"

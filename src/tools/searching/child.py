"""The process that looks: the folder is its first descriptor beyond the usual ones, what is wanted comes on stdin."""

import os
import re
import stat
import sys
from collections.abc import Iterator
from itertools import islice

from ..files.patterns import compiled, matches
from .wanted import Found, Wanted, wanted

# Full of what others wrote, which nobody asks about.
SKIPPED = {
    ".git",
    "node_modules",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}
DEEPEST = 64
LONGEST_LINE = 2**16
SHOWN = 300  # characters of a line
LARGEST = 2**26  # bytes that are looked through of a file
LOOK = 1024


def main() -> None:
    folder, want = int(sys.argv[1]), wanted(sys.stdin.readline())
    try:
        compiled(want.files)
        results = list_or_search(folder, want)
        for one in islice(results, want.most + 1):
            sys.stdout.write(one.as_line())
            sys.stdout.flush()
    except (re.error, OverflowError, RecursionError) as error:
        sys.stdout.write(Found(wrong=str(error)).as_line())


def list_or_search(descriptor: int, want: Wanted) -> Iterator[Found]:
    expression = None if want.text is None else re.compile(want.text, re.IGNORECASE if want.ignore_case else 0)
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        if expression:
            yield from search(descriptor, want.place, expression)
        return
    prefix = "" if want.place == "." else f"{want.place}/"
    for folder, path in walk(descriptor, "", DEEPEST):
        if not matches(want.files, path):
            continue
        if expression is None:
            yield Found(printable(prefix + path))
        else:
            yield from search_in(folder, path, prefix, expression)


def walk(folder: int, place: str, deep: int) -> Iterator[tuple[int, str]]:
    """Files, each with the folder that it lies in. Links are not followed."""
    with os.scandir(folder) as entries:
        known = sorted(entries, key=lambda entry: entry.name)
    for entry in known:
        if entry.is_file(follow_symlinks=False):
            yield folder, place + entry.name
    for entry in known:
        if deep and entry.name not in SKIPPED and entry.is_dir(follow_symlinks=False):
            yield from walk_below(folder, entry.name, f"{place}{entry.name}/", deep - 1)


def walk_below(folder: int, name: str, place: str, deep: int) -> Iterator[tuple[int, str]]:
    try:
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        return
    try:
        yield from walk(below, place, deep)
    finally:
        os.close(below)


def search_in(folder: int, path: str, prefix: str, expression: re.Pattern[str]) -> Iterator[Found]:
    try:
        name = path.rpartition("/")[2]
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            yield from search(descriptor, prefix + path, expression)
    finally:
        os.close(descriptor)


def search(descriptor: int, path: str, expression: re.Pattern[str]) -> Iterator[Found]:
    with open(descriptor, "rb", closefd=False) as file:
        if b"\0" in file.peek(LOOK)[:LOOK]:
            return
        number = passed = 0
        while (line := file.readline(LONGEST_LINE)) and passed < LARGEST:
            number, passed = number + 1, passed + len(line)
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if match := expression.search(text):
                yield Found(printable(path), number, shown(text, match.start()))


def shown(text: str, at: int) -> str:
    """A long line as far as it shows what was found."""
    start = max(0, at - SHOWN // 2) if len(text) > SHOWN else 0
    return text[start : start + SHOWN]


def printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


if __name__ == "__main__":
    main()

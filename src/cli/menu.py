"""A short menu: arrow keys, j and k, numbers, Enter; q or Esc leave. What is drawn and what a key does is pure."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import keys
from .keys import Key

# On the other screen of the terminal, so that a resize leaves no traces, and the user's own lines come back.
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, CLEAR_LINE, CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
HINT = "arrows or numbers move, Enter takes, q leaves"
MOVES = {Key.UP: -1, Key.DOWN: 1}
BESIDE_ENTRIES = 4  # lines: title, blank, blank, hint


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    detail: str = ""
    fits: bool = True
    reason: str = ""  # why it does not fit


@dataclass(frozen=True, slots=True)
class State:
    count: int
    at: int = 0
    typed: str = ""  # digits of a number so far
    done: bool = False
    left: bool = False

    def after(self, key: Key | str) -> "State":
        match key:
            case Key.UP | Key.DOWN:
                return replace(self, at=(self.at + MOVES[key]) % self.count, typed="")
            case Key.FIRST:
                return replace(self, at=0, typed="")
            case Key.LAST:
                return replace(self, at=self.count - 1, typed="")
            case Key.ENTER:
                return replace(self, done=True)
            case Key.LEAVE:
                return replace(self, left=True)
            case str() if key.isdigit():
                return self._number(key)
        return self

    def _number(self, digit: str) -> "State":
        """`1` goes to the first, and `12` on from there to the twelfth; a number too high begins anew."""
        for typed in (self.typed + digit, digit):
            if 1 <= int(typed) <= self.count:
                return replace(self, at=int(typed) - 1, typed=typed)
        return replace(self, typed="")


def choose_from(entries: Sequence[Entry], title: str) -> int | None:
    """The index of what was chosen; None when the user left, or there is nobody to ask."""
    if not entries:
        return None
    first = next((at for at, entry in enumerate(entries) if entry.fits), 0)
    if not keys.can_be_read():
        return _by_number(entries, title, first)
    state = State(len(entries), first)
    with keys.reading() as read:
        print(end=ENTER_SCREEN)
        try:
            while not (state.done or state.left):
                size = os.get_terminal_size()
                print(end=screen(entries, title, state, size.columns, size.lines), flush=True)
                state = state.after(read(size))
        finally:
            print(end=LEAVE_SCREEN, flush=True)
    return state.at if state.done else None


def screen(entries: Sequence[Entry], title: str, state: State, columns: int, lines: int) -> str:
    rows = [title, "", *_window(entries, state.at, max(1, lines - BESIDE_ENTRIES)), "", HINT]
    # The last column stays free: some terminals go to the next line when it is written.
    shown = [row[: columns - 1] for row in rows[:lines]]
    return HOME + "\r\n".join(row + CLEAR_LINE for row in shown) + CLEAR_BELOW


def _window(entries: Sequence[Entry], at: int, room: int) -> list[str]:
    """As many as there is room for, the chosen one among them."""
    begin = min(max(0, at - room // 2), max(0, len(entries) - room))
    rows = rows_of(entries)
    return [f"{'>' if row == at else ' '} {rows[row]}" for row in range(begin, min(begin + room, len(rows)))]


def rows_of(entries: Sequence[Entry]) -> list[str]:
    digits, width = len(str(len(entries))), max(len(entry.label) for entry in entries)
    details = max(len(entry.detail) for entry in entries)
    return [
        f"{number:>{digits}}  {entry.label:<{width}}  {entry.detail:<{details}}  {_mark(entry)}".rstrip()
        for number, entry in enumerate(entries, 1)
    ]


def _mark(entry: Entry) -> str:
    return "fits" if entry.fits else entry.reason or "too large"


def _by_number(entries: Sequence[Entry], title: str, first: int) -> int | None:
    """Where single keys cannot be read: a line with a number."""
    print(f"{title}\n", *rows_of(entries), "", sep="\n")
    while True:
        print(end=f"Number (Enter takes {first + 1}, q leaves): ", flush=True)
        line = sys.stdin.readline()
        word = line.strip()
        if not line or word.lower() in ("q", "quit", "exit"):
            return None
        if not word:
            return first
        if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(entries):
            return int(word) - 1
        print(f"'{word[:40]}' is not a number from 1 to {len(entries)}.")

"""Single keys of a terminal, on Unix and on Windows."""

import contextlib
import enum
import os
import re
import select
import sys
from collections.abc import Callable, Iterator
from functools import partial

# Over a slow line the bytes of one key come apart; a lone Esc is one that nothing follows.
REST_OF_KEY_SECONDS = 0.2
# How often a new size of the window is looked for.
RESIZE_SECONDS = 0.25
ESCAPE = b"\x1b"
LONGEST_KEY = 8
# Esc [ numbers letter, Esc O letter, or a letter that Alt was held with.
SEQUENCE = re.compile(rb"\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^\[O])", re.DOTALL)


class Key(enum.Enum):
    UP = enum.auto()
    DOWN = enum.auto()
    FIRST = enum.auto()
    LAST = enum.auto()
    ENTER = enum.auto()
    LEAVE = enum.auto()
    REDRAW = enum.auto()
    OTHER = enum.auto()


# For one key, or for a window that no longer has this size.
Read = Callable[[os.terminal_size], Key | str]

KEYS = {
    b"\x1b[A": Key.UP, b"\x1bOA": Key.UP, b"k": Key.UP,
    b"\x1b[B": Key.DOWN, b"\x1bOB": Key.DOWN, b"j": Key.DOWN,
    b"\x1b[H": Key.FIRST, b"\x1bOH": Key.FIRST, b"\x1b[1~": Key.FIRST, b"g": Key.FIRST,
    b"\x1b[F": Key.LAST, b"\x1bOF": Key.LAST, b"\x1b[4~": Key.LAST, b"G": Key.LAST,
    b"\r": Key.ENTER, b"\n": Key.ENTER,
    ESCAPE: Key.LEAVE, b"q": Key.LEAVE, b"Q": Key.LEAVE, b"\x04": Key.LEAVE, b"": Key.LEAVE,
}  # fmt: skip
# What Windows sends after a first byte of 0 or 224.
WINDOWS_KEYS = {"H": Key.UP, "P": Key.DOWN, "G": Key.FIRST, "O": Key.LAST}


def is_terminal() -> bool:
    """Somebody sits at both ends."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def can_be_read() -> bool:
    """It is a terminal that can be drawn on."""
    return is_terminal() and os.get_terminal_size().columns > 0 and not _is_dumb()


def understand(data: bytes) -> Key | str:
    """The bytes of one key: what it means, or the character that it is."""
    if data in KEYS:
        return KEYS[data]
    return data.decode() if data.isdigit() else Key.OTHER


def is_whole(data: bytes) -> bool:
    """These bytes are one key; nothing more belongs to it."""
    return not data.startswith(ESCAPE) or len(data) >= LONGEST_KEY or bool(SEQUENCE.fullmatch(data))


def _is_dumb() -> bool:
    """It cannot move its cursor, or nobody knows how."""
    if sys.platform == "win32":
        return False
    try:
        import curses

        curses.setupterm()
        return not curses.tigetstr("cup")
    except (ImportError, curses.error):
        return True


if sys.platform == "win32":
    import msvcrt
    import time

    @contextlib.contextmanager
    def reading() -> Iterator[Read]:
        """A function that waits for one key, as long as the block lasts."""
        yield _read

    def _read(size: os.terminal_size) -> Key | str:
        while not msvcrt.kbhit():
            time.sleep(RESIZE_SECONDS / 10)
            if os.get_terminal_size() != size:
                return Key.REDRAW
        mark = msvcrt.getwch()
        if mark in "\x00\xe0":
            return WINDOWS_KEYS.get(msvcrt.getwch(), Key.OTHER)
        if mark == "\x03":
            raise KeyboardInterrupt
        return understand(mark.encode())

else:
    import termios
    import tty

    @contextlib.contextmanager
    def reading() -> Iterator[Read]:
        """A function that waits for one key, as long as the block lasts. Ctrl-C stays a KeyboardInterrupt."""
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            yield partial(_read, terminal)
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def _read(terminal: int, size: os.terminal_size) -> Key | str:
        while not select.select([terminal], [], [], RESIZE_SECONDS)[0]:
            if os.get_terminal_size() != size:
                return Key.REDRAW
        # One byte at a time: what was typed ahead belongs to the next key.
        data = os.read(terminal, 1)
        while data and not is_whole(data) and select.select([terminal], [], [], REST_OF_KEY_SECONDS)[0]:
            data += os.read(terminal, 1)
        return understand(data)

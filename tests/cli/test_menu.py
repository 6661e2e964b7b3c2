"""The menu: keys and drawing by themselves, and the whole at a real terminal."""

import sys

import pytest
from localswarm.cli.keys import Key, is_whole, understand
from localswarm.cli.menu import Entry, State, rows_of, screen

from .terminal import Terminal

ENTRIES = [Entry("large", "40 GB", False, "needs 60 GB"), Entry("middle", "5 GB"), Entry("small", "1 GB")]
PROGRAM = """
from localswarm.cli.menu import Entry, choose_from
entries = [Entry("large", "40 GB", False, "needs 60 GB"), Entry("middle", "5 GB"), Entry("small", "1 GB")]
entries += [Entry(f"other {n}") for n in range(20)]
try:
    print("chosen:", choose_from(entries, "Which model?"))
except KeyboardInterrupt:
    print("interrupted")
"""
COMMAND = [sys.executable, "-c", PROGRAM]


def keys(state: State, *pressed: Key | str) -> State:
    for key in pressed:
        state = state.after(key)
    return state


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x1b[A", Key.UP),
        (b"\x1bOB", Key.DOWN),
        (b"j", Key.DOWN),
        (b"\r", Key.ENTER),
        (b"\x1b", Key.LEAVE),
        (b"\x04", Key.LEAVE),
        (b"", Key.LEAVE),
        (b"7", "7"),
        (b"\x1b[1;5C", Key.OTHER),
        (b"\xff", Key.OTHER),
    ],
)
def test_keys(data: bytes, key: Key | str) -> None:
    assert understand(data) == key


def test_where_a_key_ends() -> None:
    assert all(map(is_whole, (b"a", b"\x1b[A", b"\x1bOA", b"\x1b[15~", b"\x1b[1;5C", b"\x1bx", b"\x1b[0000000")))
    assert not any(map(is_whole, (b"\x1b", b"\x1b[", b"\x1bO", b"\x1b[1", b"\x1b[1;")))


def test_moves() -> None:
    state = State(12)
    assert keys(state, Key.UP).at == 11 and keys(state, Key.UP, Key.DOWN).at == 0
    assert keys(state, Key.LAST, Key.REDRAW, Key.OTHER).at == 11 and keys(state, Key.LAST, Key.FIRST).at == 0
    assert keys(state, "5").at == 4
    assert keys(state, "1", "2").at == 11, "digits make a number"
    assert keys(state, "1", "3").at == 2, "too high: a new one begins"
    assert keys(state, "5", "0").at == 4, "there is no 0"
    assert keys(state, "1", Key.DOWN, "2").at == 1
    assert keys(state, Key.ENTER).done and keys(state, Key.LEAVE).left


def test_rows_say_what_fits() -> None:
    assert rows_of(ENTRIES) == [
        "1  large   40 GB  needs 60 GB",
        "2  middle  5 GB   fits",
        "3  small   1 GB   fits",
    ]


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (20, 6), (10, 3), (2, 1)])
def test_nothing_goes_beyond_the_window(columns: int, lines: int) -> None:
    entries = [Entry(f"model {number}", "x" * 50) for number in range(30)]
    for at in (0, 15, 29):
        shown = (
            screen(entries, "Which model?", State(30, at), columns, lines).removeprefix("\x1b[H").removesuffix("\x1b[J")
        )
        rows = [row.removesuffix("\x1b[K") for row in shown.split("\r\n")]
        assert len(rows) <= lines and all(len(row) < columns for row in rows)
        if lines > 4 and columns > 15:
            assert any(row.startswith("> ") and f"model {at}" in row for row in rows)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("\r", "1"),  # the first that fits
        ("\x1b[B\r", "2"),
        ("j\x1b[A\x1b[A\r", "0"),
        ("13\r", "12"),
        ("G\r", "22"),
        ("q", "None"),
        ("\x1b", "None"),
        ("\x04", "None"),
    ],
)
def test_a_real_terminal(typed: str, chosen: str) -> None:
    with Terminal(COMMAND) as terminal:
        assert "> " in terminal.until("q leaves")
        terminal.type(typed)
        terminal.until(rf"\x1b\[\?1049l.*chosen: {chosen}\r\n")
        assert terminal.ended() == 0


def test_a_slow_line_and_a_new_size() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.until("q leaves")
        terminal.type("\x1b")
        terminal.type("[")
        terminal.type("B")
        terminal.until("> +3  small")
        terminal.until("q leaves")
        terminal.resize(30, 6)
        shown = terminal.until(r"move, Enter\x1b\[K\x1b\[J")
        assert "> " in shown and "other" not in shown
        terminal.type("\r")
        terminal.until("chosen: 2")


def test_ctrl_c() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.until("q leaves")
        terminal.type("\x03")
        terminal.until(r"\x1b\[\?1049l.*interrupted")


@pytest.mark.parametrize(
    ("typed", "chosen"), [("2\n", "1"), ("\n", "1"), ("x\n99\n3\n", "2"), ("q\n", "None"), ("\x04", "None")]
)
def test_a_terminal_that_cannot_be_drawn_on(typed: str, chosen: str) -> None:
    with Terminal(COMMAND, TERM="dumb") as terminal:
        terminal.until("Number")
        terminal.type(typed)
        assert "\x1b" not in terminal.until(f"chosen: {chosen}")

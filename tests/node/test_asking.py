"""The question at the terminal: what is shown, and when nobody can be asked."""

import json
import os
import pty
import sys
import time

import pytest
from localswarm.node.asking import SHOWN, Terminal, question
from localswarm.tools.host import Asked
from localswarm.tools.tool import Caller, ToolDenied

from ..cli import terminal


def asked(**arguments: object) -> Asked:
    return Asked("bash", json.dumps(arguments, indent=1), None, Caller("local", "127.0.0.1"))


def test_the_whole_command_is_shown_line_by_line() -> None:
    text = question(asked(command="cd a\nmake 'x'  \\\n  y", seconds=5), 60)
    assert text.splitlines()[1:-1] == [
        "A call of the tool bash for 127.0.0.1:",
        "  command | cd a",
        "          | make 'x'  \\",
        "          |   y",
        "  seconds | 5",
    ]
    assert text.endswith("[y/N] ")


@pytest.mark.parametrize("mark", ["\x1b[2K", "\r", "\x7f", "\u202e", "\u200b", "\x9b"])
def test_nothing_hides_from_a_terminal(mark: str) -> None:
    text = question(asked(command=f"echo ok{mark}; rm -r ."), 60)
    assert mark not in text and f"\\u{ord(mark[0]):04x}" in text and "; rm -r ." in text


def test_a_line_of_the_call_cannot_pass_for_a_question_of_ours() -> None:
    text = question(asked(command="x\nAllow it? [y/N] "), 60)
    assert sum(line.startswith("Allow it?") for line in text.splitlines()) == 1


def test_no_line_is_so_long_that_its_rest_stands_without_a_mark() -> None:
    long = f"{'x' * 66} Allow it? [y/N] {'y' * 200}; rm -r ."
    lines = question(asked(command=long, **{"n" * 300: 1}), 60).splitlines()[2:-1]
    assert all(len(line) < 80 and line[:2] == "  " and (" | " in line or " : " in line) for line in lines)
    assert "".join(line[12:] for line in lines[:-1]) == long


def test_names_that_begin_alike_do_not_hide_each_other() -> None:
    text = question(asked(**{"n" * 200 + "a": "rm -r .", "n" * 200 + "b": "ls"}), 60)
    assert "rm -r ." in text and "| ls" in text


def test_the_longest_program_is_shown_whole_and_a_long_file_is_not() -> None:
    assert "not shown" not in question(asked(command="\u00fc" * 30_000), 60)
    long = question(asked(content="x" * 10**6), 60)
    assert len(long) < SHOWN + 1000 and "more characters are not shown" in long


async def test_without_a_terminal_it_is_a_no_that_says_why() -> None:
    read, write = os.pipe()
    try:
        with pytest.raises(ToolDenied, match=r"no terminal to ask at.*--yes-tools"):
            await Terminal(read).ask(asked(command="ls"))
    finally:
        os.close(read)
        os.close(write)


def test_the_terminal_of_others_is_not_ours() -> None:
    """As for a node in the background: reading from it would stop the node."""
    other, own = pty.openpty()
    assert not Terminal(own).is_there
    os.close(other)
    os.close(own)


# Asks two questions at once, and prints what came of each.
TWO = """
import json, sys
import anyio
from localswarm.node.asking import Terminal
from localswarm.tools.host import Asked
from localswarm.tools.tool import Caller, ToolDenied

async def ask(terminal, command):
    asked = Asked("bash", json.dumps({"command": command}), None, Caller("me"))
    try:
        print("came of", command, await terminal.ask(asked))
    except ToolDenied as error:
        print("came of", command, error.message)

async def main():
    terminal = Terminal(seconds=float(sys.argv[1]))
    async with anyio.create_task_group() as group:
        for command in ("first", "second"):
            group.start_soon(ask, terminal, command)

anyio.run(main)
"""


def test_one_question_at_a_time() -> None:
    with terminal.Terminal([sys.executable, "-c", TWO, "20"]) as asking:
        for command, typed, came in (("first", "y\n", True), ("second", "yes please\n", False)):
            shown = asking.until(r"\[y/N\] ")
            assert f"| {command}" in shown and shown.count("A call of") == 1
            asking.type(typed)
            asking.until(f"came of {command} {came}")
        assert asking.ended() == 0


def test_silence_is_a_no() -> None:
    with terminal.Terminal([sys.executable, "-c", TWO, "0.2"]) as asking:
        asking.until("Nobody waits for an answer any more")
        asking.until("came of first Nothing was done: the user of this host did not answer within 0.2 seconds")
        asking.until("came of second Nothing was done")
        assert asking.ended() == 0


def test_what_has_left_the_screen_is_spoken_of() -> None:
    hidden = question(asked(command="rm -r src" + "\n" * 30 + "ls"), 60)
    assert hidden.splitlines()[-1].startswith(
        "That was a call of bash of 31 lines: scroll back to its beginning. Allow it?"
    )
    wide = question(asked(command="rm -r src;" + " " * 5000 + "ls"), 60)
    assert "scroll back" in wide and "scroll back" not in question(asked(command="ls\nls"), 60)


@pytest.mark.parametrize("content", ["x" * 2**22, "\n" * 2**22])
def test_a_file_of_megabytes_does_not_hold_the_node(content: str) -> None:
    given = asked(content=content)
    begun = time.monotonic()
    assert "more characters are not shown" in question(given, 60)
    assert time.monotonic() - begun < 2


def test_another_machine_is_told_by_what_it_cannot_choose() -> None:
    given = Asked("bash", "{}", None, Caller("9b1d", "127.0.0.1" + " " * 1000))
    assert "for 127.0.0.1" in question(given, 60) and "(machine 9b1d):" in question(given, 60)
    assert len(question(given, 60)) < 500

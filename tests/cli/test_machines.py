"""The machines of a swarm in words."""

from typing import Any

import pytest
from localswarm.cli.machines import in_words, tools

NOW = 1_700_000_000.0


def node(**more: Any) -> dict[str, Any]:
    return {
        "id": "d" * 16, "name": "desk", "state": "alive", "model": "qwen:7b", "context": 32768,
        "tokens_per_second": 41.3,
        "load": {"running": 1, "waiting": 0}, "latency_ms": 1.23, "hardware": "16 cores", "version": "0.2.0",
        "started": NOW - 7300, "since": NOW - 7200, "trouble": None,
    } | more  # fmt: skip


def said(**found: Any) -> list[str]:
    return [line.strip() for line in in_words({"node": node(name="here")} | found, NOW).splitlines()]


def test_nobody_else() -> None:
    assert said(peers=[], strangers=[], notes=[]) == []


def test_every_node_has_a_row_and_this_one_comes_first() -> None:
    heads, here, desk = said(peers=[node()])
    assert here.split("  ")[0] == "here" and "this machine" in here
    assert desk.split() == "desk alive qwen:7b 32k 41 1 1.2 ms 2 h 0.2.0 16 cores".split()
    assert heads.index("latency") == here.index("this machine") == desk.index("1.2 ms")


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        ({"state": "gone", "since": NOW - 130, "trouble": "It left."}, "away        desk, for 2 min: It left."),
        (
            {"state": "suspect", "since": NOW - 3, "trouble": "It missed one."},
            "wrong       desk, for 3 s: It missed one.",
        ),
        ({"trouble": "It runs version 9.", "since": None}, "wrong       desk: It runs version 9."),
        ({"name": "", "state": "gone", "since": None, "trouble": "It left."}, f"away        {'d' * 16}: It left."),
    ],
)
def test_what_is_wrong_is_said_below(peer: dict[str, Any], words: str) -> None:
    assert said(peers=[node(**peer)])[-1].startswith(words)


def test_strangers_and_notes_are_told_without_peers_too() -> None:
    places = ["10.0.0.9:17617", "10.0.1.9:17617", "10.0.2.9:17617"]
    box = {"id": "f" * 16, "name": "box", "addresses": places, "why": "It is another's."}
    stranger, other, note = said(strangers=[box, {"id": "a", "why": "It is open."}], notes=["Multicast is blocked."])
    assert stranger == "not paired  box at 10.0.0.9:17617, 10.0.1.9:17617: It is another's."
    assert other == "not paired  a: It is open." and note == "note        Multicast is blocked."


def test_what_a_machine_calls_itself_is_no_command_to_the_terminal() -> None:
    text = "\n".join(said(peers=[node(name="a\x1b[2J\n\u202eb" + "c" * 99, model=7, context="x", load=[], state=None)]))
    assert "\x1b" not in text and "\u202e" not in text and "a[2Jb" in text and "c" * 40 not in text


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ({"where": "desk (9b1d)", "tools": ["read", "bash"], "trouble": None}, "read, bash, of desk (9b1d)"),
        ({"where": "desk", "tools": [], "trouble": None}, "none, of desk"),
        ({"where": "desk", "tools": ["read"], "trouble": "It is away."}, "none now: It is away."),
        ({"where": 5, "tools": [7, "re\x1bad"]}, "read, of -"),
    ],
)
def test_whose_tools_are_used(host: dict[str, Any], words: str) -> None:
    assert tools(host) == words


@pytest.mark.parametrize("found", [{"peers": 5, "strangers": {}, "notes": "x"}, {"peers": [5], "notes": [5]}])
def test_what_is_no_answer_of_a_node(found: dict[str, Any]) -> None:
    assert said(**found) == []

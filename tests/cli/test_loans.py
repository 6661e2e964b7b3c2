"""Memory that machines lend each other, in words."""

from typing import Any

import pytest
from localswarm.cli.loans import lost, rows

NOW = 1_700_000_000.0
GIB = 2**30


def held(**more: Any) -> dict[str, Any]:
    return {
        "id": "d" * 16,
        "name": "desk",
        "bytes": 6 * GIB,
        "state": "alive",
        "since": NOW - 7300,
        "trouble": None,
    } | more


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, []),
        ({"borrowed": [], "lent": None}, []),
        ({"borrowed": [held()]}, [("borrows", "6.0 GiB of desk, alive for 2 h")]),
        (
            {"borrowed": [held(state="lost", since=NOW - 5, trouble="The machine desk is lost.")]},
            [("borrows", "6.0 GiB of desk, lost for 5 s: The machine desk is lost.")],
        ),
        ({"borrowed": [held(state="waiting", name="")]}, [("borrows", f"6.0 GiB of {'d' * 16}, not in use yet")]),
        ({"lent": []}, [("lends", "its free memory (--lend), to nobody now")]),
        ({"lent": [held(since=NOW - 130)]}, [("lends", "6.0 GiB to desk for 2 min")]),
        ({"lent": [held(name="a\x1b[2J", bytes="x", since=None)]}, [("lends", "memory to a[2J")]),
        ({"borrowed": 5, "lent": "x"}, []),
        ({"borrowed": [5], "lent": [5]}, [("lends", "its free memory (--lend), to nobody now")]),
    ],
)
def test_who_lends_what_to_whom(found: dict[str, Any], told: list[tuple[str, str]]) -> None:
    assert list(rows(found, NOW)) == told


def test_the_first_that_is_lost() -> None:
    assert lost([held()]) == ""
    assert lost([held(), held(state="lost", trouble="Gone."), held(state="lost")]) == "Gone."
    assert lost([held(state="lost")]) == "desk is lost."

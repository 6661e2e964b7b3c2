"""A verdict to the wire: short without what was said, whole with it."""

import json
from dataclasses import replace

from localswarm.api.chosen.report import brief, headers, report, whole

from ..choosing import SINGLE, VERDICT


def test_the_report_of_a_vote() -> None:
    wire = report("id", VERDICT, ("Careful.", "One was slow."))
    ballots = wire.pop("ballots")
    assert wire == {
        "id": "id",
        "kind": "short",
        "method": "vote",
        "requested": 4,
        "valid": 3,
        "cancelled": 1,
        "agreement": 0.808,
        "confidence": None,
        "winner": 0,
        "runner_up": 1,
        "early_stop": True,
        "warnings": ["Careful.", "One was slow."],
    }
    assert ballots[0] == {
        "seat": "otter",
        "model": "small",
        "kind": "short",
        "valid": True,
        "why": "",
        "group": 0,
        "weight": 0.765,
        "seconds": 1.235,
        "tokens": 2,
    }
    assert (ballots[3]["valid"], ballots[3]["why"], ballots[3]["group"]) == (False, "it was cut off", None)


def test_nothing_that_was_said_is_beside_the_answer() -> None:
    text = json.dumps(report("id", VERDICT))
    assert "42" not in text and "Read" not in text


def test_the_whole_of_it_has_texts_and_calls() -> None:
    ballots = whole("id", VERDICT)["ballots"]
    assert [ballot["message"] and ballot["message"]["text"] for ballot in ballots] == [
        "It is 42.",
        "It is 41.",
        "42",
        None,
    ]
    assert ballots[1]["message"]["calls"] == [{"id": "c1", "name": "Read", "arguments": '{"path":"a"}'}]


def test_headers() -> None:
    assert headers(VERDICT) == {
        "X-Swarm-Kind": "short",
        "X-Swarm-Method": "vote",
        "X-Swarm-Votes": "3/4",
        "X-Swarm-Agreement": "0.808",
    }
    assert headers(SINGLE) == {"X-Swarm-Kind": "prose", "X-Swarm-Method": "single", "X-Swarm-Votes": "1/1"}


def test_in_short() -> None:
    said = brief(replace(VERDICT, winner=2))
    assert (said["seat"], said["agreement"], said["valid"], said["requested"]) == ("heron", 0.808, 3, 4)

from typing import Any

import pytest
from localswarm.swarm.consensus.support import Said
from localswarm.swarm.consensus.surplus import surplus
from localswarm.swarm.consensus.words import Words


def team(name: str, season: int) -> dict[str, Any]:
    return {"team": name, "season": season}


@pytest.mark.parametrize(
    ("request_text", "calls", "places"),
    [
        ("sides 3 and 4, 5 and 12", [{"a": 3, "b": 4}, {"a": 5, "b": 12}, {"a": 13, "b": 4}], (2,)),
        # What only follows from a made-up one is made up as well.
        (
            "terms of 15 and 20 years",
            [{"term": 15}, {"term": 20}, {"term": 45}, {"term": 45, "kind": "other"}],
            (2, 3),
        ),
        (
            "Lakers and Bulls in 2018 and 2020",
            [team("Lakers", 2018), team("Bulls", 2018), team("Lakers", 2020), team("Bulls", 2020)],
            (),
        ),
        (
            "Lakers in 2018 and Bulls in 2020",
            [team("Lakers", 2018), team("Bulls", 2020), team("Lakers", 2020)],
            (2,),
        ),
        ("the Bulls in 2018", [team("Bulls", 2018), team("Bulls", 2018)], (1,)),
        # Nothing is known of what was asked for: all stay.
        ("write some files", [{"path": "a.py"}, {"path": "b.py"}], ()),
        ("", [], ()),
    ],
)
def test_calls_that_nobody_asked_for(request_text: str, calls: list[dict[str, Any]], places: tuple[int, ...]) -> None:
    said: list[Said] = [("tool", one) for one in calls]
    assert surplus(said, Words(request_text)) == places


def test_another_tool_is_never_surplus() -> None:
    calls: list[Said] = [("weather", {"city": "Rome"}), ("news", {"about": "everything"})]
    assert surplus(calls, Words("Weather in Rome, and the news")) == ()

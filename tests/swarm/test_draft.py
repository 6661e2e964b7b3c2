"""What a draft says of an answer in which the engine ended a value, and of its tokens."""

import pytest
from localswarm.api.chosen.told import Told
from localswarm.chat import ChatRequest, Event, Finished, Message, Reason, Text, TextDelta, Usage, Written
from localswarm.engines.base import Piece
from localswarm.swarm.draft import SHORTENED, Draft

REQUEST = ChatRequest("r", "m", (Message("user", (Text("hi"),)),))


def finished(reason: Reason, shortened: bool) -> list[Event]:
    piece = Piece("r", 0, "{}", (), reason, Usage(1, 1), 1, "", shortened)
    return [event for event in Draft(REQUEST, 0, None).add(piece) if isinstance(event, Finished)]


@pytest.mark.parametrize("reason", ["stop", "length"])
@pytest.mark.parametrize("shortened", [False, True])
def test_it_is_told(reason: Reason, shortened: bool) -> None:
    told = Told("r")
    for event in finished(reason, shortened):
        assert isinstance(event, Finished)
        assert event.reason == reason
        told.hear(event)
    assert told.wire == ({"swarm": {"warnings": [SHORTENED]}} if shortened else {})


def test_tokens_are_told_before_what_they_say_and_also_where_they_say_nothing_yet() -> None:
    draft = Draft(REQUEST, 0, None)
    assert draft.add(Piece("r", 0, "hi", tokens=1, written=(7,))) == [Written((7,)), TextDelta("hi")]
    assert draft.add(Piece("r", 0, "", tokens=1, written=(8,))) == [Written((8,))]
    assert draft.add(Piece("r", 0, "ho", tokens=1)) == [TextDelta("ho")]

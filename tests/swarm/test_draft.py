"""What a draft says of an answer in which the engine ended a value."""

import pytest
from localswarm.api.chosen.told import Told
from localswarm.chat import ChatRequest, Event, Finished, Message, Reason, Text, Usage
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

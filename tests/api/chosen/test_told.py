"""What is told of an answer, and when a stream has news of it."""

from localswarm.api.chosen.told import Told
from localswarm.chat import Accepted, Chosen, Finished, Usage

from ..choosing import SINGLE, VERDICT

END = Finished("stop", Usage(1, 1), warnings=("Shortened.",))


def test_nothing_is_told_where_there_is_nothing_to_say() -> None:
    told = Told("id")
    told.hear(Accepted(1))
    assert told.wire == {} and told.news() == {} and told.headers() == {"X-Swarm-Request": "id"}


def test_warnings_of_all_sides_are_said_once() -> None:
    told = Told("id", ("Left out.",))
    for event in (Accepted(1, ("Relaxed.", "Left out.")), END, END):
        told.hear(event)
    assert told.wire == {"swarm": {"warnings": ["Left out.", "Relaxed.", "Shortened."]}}


def test_a_stream_tells_what_is_new_and_then_all_of_it() -> None:
    told = Told("id", ("Left out.",))
    assert told.news() == {"swarm": {"warnings": ["Left out."]}}
    assert told.news() == {}
    told.hear(Chosen(VERDICT))
    told.hear(END)
    news = told.news()["swarm"]
    assert news["warnings"] == ["Left out.", "Shortened.", "One was slow."] and news["method"] == "vote"
    assert told.news() == {}


def test_headers_follow_the_verdict() -> None:
    told = Told("id")
    told.hear(Chosen(SINGLE))
    assert told.headers() == {
        "X-Swarm-Request": "id",
        "X-Swarm-Kind": "prose",
        "X-Swarm-Method": "single",
        "X-Swarm-Votes": "1/1",
    }

"""Pieces go out together when they come fast; the first and the last never wait."""

from localswarm.chat import TokenLogprob, Usage
from localswarm.engines.base import Piece
from localswarm.engines.outbox import LONGEST_TOGETHER_SECONDS, TOGETHER_SECONDS, TOGETHER_SECONDS_EACH, Outbox

LATER = TOGETHER_SECONDS
END = Piece("a", 0, "!", (), "stop", Usage(1, 2))


def test_the_first_piece_goes_out_at_once_and_the_next_wait_for_each_other() -> None:
    box = Outbox()
    box.put([Piece("a", 0, "x")])
    assert box.take(10.0) == [Piece("a", 0, "x")]
    box.put([Piece("a", 0, "y"), Piece("a", 1, "1")])
    assert box.take(10.0 + LATER / 2) == []
    box.put([Piece("a", 0, "z")])
    assert box.take(10.0 + LATER) == []
    assert box.take(10.0 + LATER + TOGETHER_SECONDS_EACH) == [Piece("a", 0, "yz"), Piece("a", 1, "1")]
    assert box.take(20.0) == []


def test_the_end_of_an_answer_does_not_wait() -> None:
    box = Outbox()
    box.put([Piece("b", 0, "x")])
    box.take(10.0)
    box.put([Piece("a", 0, "y", (TokenLogprob(b"y", -1.0),))])
    box.put([END])
    assert box.take(10.0) == [Piece("a", 0, "y!", (TokenLogprob(b"y", -1.0),), "stop", Usage(1, 2))]


def test_everything_goes_out_when_there_is_no_next_step() -> None:
    box = Outbox()
    box.put([Piece("a", 0, "x")])
    box.take(10.0)
    box.put([Piece("a", 0, "y")])
    assert box.take(10.0, everything=True) == [Piece("a", 0, "y")]


def test_many_candidates_wait_longer_for_each_other_but_not_without_end() -> None:
    box = Outbox()
    box.take(10.0)
    box.put([Piece("a", 0, "x")])
    box.take(10.0)
    box.put([Piece("a", candidate, "x") for candidate in range(64)])
    assert box.take(10.0 + 2 * LATER) == []
    assert len(box.take(10.0 + LONGEST_TOGETHER_SECONDS + 0.001)) == 64


def test_tokens_go_out_in_their_order() -> None:
    box = Outbox()
    box.put([Piece("a", 0, "x", tokens=1, written=(1,))])
    box.put([Piece("a", 0, "y", tokens=2, written=(2, 3))])
    assert box.take(10.0) == [Piece("a", 0, "xy", tokens=3, written=(1, 2, 3))]

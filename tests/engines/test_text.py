"""Deltas of text: whole characters, stop strings cut wherever they fall, nothing ever taken back."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given
from localswarm.chat import TokenLogprob
from localswarm.engines.text import Given, TextStream


def run(pieces: list[bytes], stops: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    stream = TextStream(stops)
    deltas = []
    for piece in pieces:
        deltas.append(stream.push(piece).text)
        if stream.stop:
            break
    return [*deltas, stream.finish().text], bool(stream.stop)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


def before_stop(text: str, stops: tuple[str, ...]) -> str:
    return text[: min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))]


@given(st.text(), st.lists(st.integers(0, 999)))
def test_any_cut_of_the_bytes_gives_the_same_text(text: str, places: list[int]) -> None:
    deltas, _ = run(cut(text.encode(), places))
    assert "".join(deltas) == text
    assert "\ufffd" not in "".join(deltas) or "\ufffd" in text


@given(
    st.text(alphabet="abé🙂", max_size=30),
    st.lists(st.text(alphabet="abé🙂", min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(0, 999)),
)
def test_the_text_ends_before_the_first_stop_string(text: str, stops: list[str], places: list[int]) -> None:
    one_by_one = [text[: at + 1] for at in range(len(text))]
    earliest = next((prefix for prefix in one_by_one if any(stop in prefix for stop in stops)), None)
    expected = before_stop(earliest, tuple(stops)) if earliest is not None else text
    deltas, stopped = run([char.encode() for char in text], tuple(stops))
    assert "".join(deltas) == expected
    assert stopped == (earliest is not None)
    # In larger pieces two stop strings can come at once: the one that begins first counts.
    deltas, stopped = run(cut(text.encode(), places), tuple(stops))
    assert stopped == (earliest is not None)
    assert text.startswith("".join(deltas))
    assert not any(stop in "".join(deltas) for stop in stops)


def test_a_beginning_of_a_stop_string_is_held_back_and_then_given() -> None:
    assert run([b"say EN", b"O", b"ugh EN"], ("END",)) == (["say ", "ENO", "ugh ", "EN"], False)


def test_half_a_character_at_the_end_is_dropped() -> None:
    assert run(["🙂".encode()[:3]]) == (["", ""], False)


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert run([b"a\xffb"]) == (["a\ufffdb", ""], False)


def entry(text: str) -> TokenLogprob:
    return TokenLogprob(text.encode(), -1.0)


def test_logprobs_come_with_the_text_of_their_token() -> None:
    stream = TextStream(("STOP",))
    assert stream.push(b"a", entry("a")) == Given("a", (entry("a"),))
    assert stream.push(b"bS", entry("bS")) == Given("b", ())
    assert stream.push(b"T", entry("T")) == Given("", ())
    assert stream.push(b"x", entry("x")) == Given("STx", (entry("bS"), entry("T"), entry("x")))


def test_logprobs_of_a_stop_string_are_left_out() -> None:
    stream = TextStream(("STOP",))
    stream.push(b"aST", entry("aST"))
    assert stream.push(b"OP", entry("OP")) == Given("", (entry("aST"),)) or stream.stop
    assert stream.finish() == Given("", ())

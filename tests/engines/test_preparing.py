"""What is made of a job before the engine's thread sees it."""

import queue
from collections.abc import Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any, cast

from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job, Prompt
from localswarm.engines.pieces import pieces
from localswarm.engines.preparing import MARKERS_AT_ONCE, MOST_HEADS, MOST_MARKERS, Preparing


class Letters:
    """A token is a letter; a cut is a token too."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def warm(self) -> None:
        pass

    def prepare(self, prompt: str, cuts: Sequence[int] = ()) -> tuple[int, ...]:
        self.read.append(prompt)
        return tuple(map(ord, "|".join(pieces(prompt, cuts))))


def prepared(engine: Letters, *prompts: Prompt) -> list[Job]:
    done: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    preparing = Preparing(done.put, done.put)
    preparing.start(cast(Engine, engine))
    jobs: list[Job] = []
    for at, prompt in enumerate(prompts):
        more = {"do": "submit", "id": str(at), "candidates": 1, "sampling": asdict(Sampling())}
        preparing.take(asdict(prompt) | more)
        jobs.append(done.get(timeout=10)["job"])
    return jobs


def test_cuts_reach_the_engine_and_count_in_the_head() -> None:
    (job,) = prepared(Letters(), Prompt("abcdef", head=4, cuts=(2, 5)))
    assert bytes(job.tokens) == b"ab|cde|f"
    assert job.head == len("ab|cd")


def test_a_head_that_comes_again_is_not_read_again() -> None:
    engine = Letters()
    jobs = prepared(engine, *(Prompt(f"head{word}", head=4) for word in ("one", "two", "three")))
    assert engine.read == ["headone", "head", "headtwo", "headthree"]
    assert [job.head for job in jobs] == [4, 4, 4]


def test_only_the_last_heads_are_known() -> None:
    engine = Letters()
    others = [Prompt(f"{at:04}word", head=4) for at in range(MOST_HEADS)]
    prepared(engine, Prompt("headone", head=4), *others, Prompt("headtwo", head=4))
    assert engine.read.count("head") == 2


def test_another_cut_is_another_head() -> None:
    engine = Letters()
    jobs = prepared(engine, Prompt("head", head=3), Prompt("head", head=3, cuts=(1,)))
    assert [bytes(job.tokens[: job.head]) for job in jobs] == [b"hea", b"h|ea"]


class Marked(Letters):
    """A marker is a token; of many at once it bears no piece."""

    card = SimpleNamespace(markers=(("<m>", 1),))

    def tokenize(self, text: str, special: bool, framed: bool, cuts: Sequence[int] = ()) -> list[int]:
        parts = pieces(text, cuts)
        assert all(part.count("<m>") <= MARKERS_AT_ONCE for part in parts)
        return [token for part in parts for token in map(ord, part.replace("<m>", "m"))]


def counted(text: str, special: bool = True) -> list[dict[str, Any]]:
    said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    preparing = Preparing(said.put, said.put)
    preparing.start(cast(Engine, Marked()))
    preparing.take({"do": "tokenize", "id": "1", "text": text, "special": special, "framed": False, "cuts": ()})
    frames = [said.get(timeout=10)]
    while frames[-1].get("more"):
        frames.append(said.get(timeout=10))
    return frames


def test_a_prompt_of_very_many_messages_is_counted_and_not_blamed_for_its_markers() -> None:
    messages = 2 * MOST_MARKERS
    frames = counted("<m>hello" * messages)
    assert sum(len(frame["part"]) for frame in frames) == 6 * messages


def test_a_text_that_says_too_many_markers_is_refused() -> None:
    (refused,) = counted("<m>hello" * 2 * MOST_MARKERS, special=False)
    assert refused["is"] == "refused" and f"at most {MOST_MARKERS} control markers" in str(refused)

"""What is made of a job before the engine's thread sees it."""

import queue
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job, Prompt
from localswarm.engines.pieces import pieces
from localswarm.engines.preparing import MOST_HEADS, Preparing


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

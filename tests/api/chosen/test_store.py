"""Verdicts that are kept: the last so many, and no more than so much of what was said."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from localswarm.api.chosen.store import Store
from localswarm.chat import Ballot, Candidate, ChatRequest, Chosen, Emit, Event, Message, Text, Verdict
from localswarm.errors import NotFound

from ..choosing import VERDICT, told


def saying(text: str) -> Verdict:
    return Verdict("prose", "single", (Ballot("otter", "m", True, message=Message("assistant", (Text(text),))),), 0)


async def note(store: Store, name: str, events: Sequence[Event], texts: bool = True) -> list[Event]:
    heard: list[Event] = []

    async def work(emit: Emit) -> list[Candidate]:
        for event in events:
            await emit(event)
        return []

    async def hear(event: Event) -> None:
        heard.append(event)

    await store.noting(ChatRequest(name, "swarm:vote", ()), work, texts)(hear)
    return heard


def texts(store: Store, name: str) -> list[str | None]:
    return [ballot.message.text if ballot.message else None for ballot in store.find(name).verdict.ballots]


async def test_every_event_goes_on_and_the_verdict_is_kept() -> None:
    store = Store()
    assert await note(store, "a", told()) == told()
    assert store.find("a").verdict == VERDICT and store.find("a").model == "swarm:vote"


async def test_without_a_verdict_nothing_is_kept() -> None:
    store = Store()
    await note(store, "a", told(None))
    with pytest.raises(NotFound, match="'a'"):
        store.find("a")


async def test_the_oldest_goes_first() -> None:
    store = Store(most_requests=2)
    for name in "abc":
        await note(store, name, [Chosen(saying(name))])
    assert [kept.id for kept in store.latest()] == ["c", "b"]


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    store = Store(most_characters=10)
    for name in "abc":
        await note(store, name, [Chosen(saying(name * 4))])
    assert [kept.id for kept in store.latest()] == ["c", "b"]
    await note(store, "long", [Chosen(saying("x" * 11))])
    assert [kept.id for kept in store.latest()] == ["long", "c", "b"] and texts(store, "long") == [None]


async def test_calls_count_too() -> None:
    store = Store(most_characters=20)
    await note(store, "a", [Chosen(VERDICT)])
    assert texts(store, "a") == [None] * 4


async def test_what_shall_not_be_kept_is_not() -> None:
    store = Store()
    await note(store, "a", told(), texts=False)
    kept = store.find("a").verdict
    assert texts(store, "a") == [None] * 4
    assert replace(kept, ballots=()) == replace(VERDICT, ballots=())


async def test_a_second_verdict_of_the_same_takes_the_place_of_the_first() -> None:
    store = Store(most_characters=10)
    for text in ("first", "second"):
        await note(store, "a", [Chosen(saying(text))])
    assert texts(store, "a") == ["second"] and len(list(store.latest())) == 1

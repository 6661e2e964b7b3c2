"""Discoveries of one machine, over its loopback address. Those of several machines: tests/lan/test_discovery.py."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
from localswarm.federation.discovery import Discovery, Record, Sighting, find, search
from localswarm.federation.nodes import Endpoint

HERE = "127.0.0.1"
# Others that run on this machine, or another run of these tests, are heard too.
TAG, OTHER_TAG = secrets.token_hex(8), secrets.token_hex(8)
A = Record(secrets.token_hex(8), TAG, 1, "first", 17617)
B = Record(secrets.token_hex(8), TAG, 1, "second", 17618)
C = replace(B, id=secrets.token_hex(8))


@asynccontextmanager
async def running(own: Record, seen: list[Sighting]) -> AsyncIterator[Discovery]:
    discovery = Discovery(own, lambda one: seen.append(one) if one.tag in (TAG, OTHER_TAG) else None, HERE)
    task = asyncio.create_task(discovery.run())
    try:
        yield discovery
    finally:
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - begun < 0.6


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_two_see_each_other_and_what_they_tell_later() -> None:
    seen_by_a: list[Sighting] = []
    seen_by_b: list[Sighting] = []
    async with running(A, seen_by_a), running(B, seen_by_b) as b:
        await until(lambda: seen_by_a and seen_by_b)
        assert seen_by_a[0] == Sighting(B.id, B.tag, 1, "second", (Endpoint(HERE, B.port),))
        assert b.problem is None
        b.tell(replace(B, pairing=4242))
        await until(lambda: seen_by_a[-1].pairing == 4242)
        b.tell(C)
        await until(lambda: seen_by_a[-1].id == C.id)
    assert {one.id for one in seen_by_b} == {A.id}


async def test_one_that_has_gone_is_no_sighting() -> None:
    seen: list[Sighting] = []
    async with running(A, seen):
        async with running(B, []):
            await until(lambda: seen)
        told = len(seen)
        await asyncio.sleep(0.3)
        assert len(seen) == told


async def test_find_and_search() -> None:
    async with running(A, []), running(replace(B, tag=OTHER_TAG), []):
        assert {one.id for one in await find(None, 1.0, HERE)} >= {A.id, B.id}
        assert [one.id for one in await find(OTHER_TAG, 1.0, HERE)] == [B.id]
        begun = time.monotonic()
        async with aclosing(search(5, host=HERE)) as found:
            async for one in found:
                if one.id == A.id:
                    break
        assert time.monotonic() - begun < 2


async def test_where_nothing_can_be_opened_nothing_is_found() -> None:
    assert await find(None, 5, "203.0.113.1") == []


async def test_an_address_that_is_not_here_is_a_problem_and_no_end() -> None:
    discovery = Discovery(A, lambda _: None, "fd12:3456::1")
    task = asyncio.create_task(discovery.run())
    await until(lambda: "no address fd12:3456::1" in str(discovery.problem))
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

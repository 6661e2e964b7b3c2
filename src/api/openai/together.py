"""Several requests as one answer: run at the same time, the first failure ends all."""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from ...chat import Accepted, Candidate, Chosen, Emit, Event, Step, Undecided
from ...errors import SwarmError
from ..reply import Work


async def run(works: Sequence[Work], each: int, emit: Emit) -> list[Candidate]:
    """`each`: candidates of every one of them; theirs are numbered on from the one before."""
    found: list[list[Candidate]] = [[] for _ in works]
    failed: list[SwarmError] = []

    async def one(at: int, work: Work) -> None:
        async def numbered(event: Event) -> None:
            # Of which of several answers it speaks could not be told.
            if isinstance(event, Chosen) and len(works) > 1:
                return
            if not isinstance(event, Accepted | Chosen | Step | Undecided):
                event = replace(event, candidate=event.candidate + at * each)
            await emit(event)

        try:
            found[at] = await work(numbered)
        except SwarmError as error:
            failed.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for at, work in enumerate(works):
            group.start_soon(one, at, work)
    if failed:
        raise failed[0]
    return [candidate for candidates in found for candidate in candidates]

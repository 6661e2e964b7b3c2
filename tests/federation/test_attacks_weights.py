"""A paired node that lends rubbish without end."""

import asyncio

import pytest
from localswarm.federation import channel
from localswarm.federation.authority import derived
from localswarm.federation.code import Code
from localswarm.federation.race import Trust
from localswarm.federation.weights.caller import FAILURES, Caller

from .members import member
from .odd import odd
from .test_attacks import GIGABYTE, endless

MOST = 2**16


@pytest.mark.parametrize("how", GIGABYTE)
async def test_a_gigabyte_is_not_taken_where_little_was_asked_for(how: str) -> None:
    trusted, sent = derived(Code(1)), [0]
    there, here = member(trusted), member(trusted)
    caller = Caller(channel.client_context(here), short=1.0, silence=1.0)
    async with odd(Trust(channel.server_context(there), channel.peer_id), endless(*GIGABYTE[how], sent)) as endpoint:
        try:
            who, _, data = await asyncio.to_thread(caller.ask, endpoint, "/swarm/weights", MOST)
        except FAILURES:
            pass
        else:
            assert who == there.id and len(data) <= MOST
    assert sent[0] < 128 * 2**20

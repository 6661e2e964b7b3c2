"""Finds files on paired nodes while this one does not run yet: its first start is when it needs them most."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from functools import partial
from itertools import chain

from ...state.peers import Peers
from .. import identity
from ..channel import client_context
from ..code import Code
from ..discovery.find import find
from ..nodes import Endpoint
from ..options import Options
from .borrowing import Borrowed, Holder, ask
from .caller import Caller

LOOKING = 2.0  # seconds for machines that are not known yet to announce themselves
FINDING = LOOKING + 0.5  # with all that it takes to begin and to end it
ANSWERING = 4.0  # seconds for all that are asked at once
MOST_ENDPOINTS = 64  # of a swarm, each node having one or two
THREADS = 16


class Early:
    """What paired nodes have, for whoever downloads a model."""

    def __init__(
        self,
        caller: Caller,
        known: Sequence[Endpoint],
        find: Callable[[], Iterable[Endpoint]] = tuple,
        denied: Callable[[str], bool] = lambda id: False,
    ) -> None:
        """`known`: where nodes were reached before; `find`: looks for others on the network, for two seconds at most,
        and is asked once."""
        self._caller = caller
        self._endpoints = tuple(dict.fromkeys(known))[:MOST_ENDPOINTS]  # of whoever answered, after the first question
        self._find = find
        self._denied = denied
        self._distrusted: set[str] = set()
        self._threads = ThreadPoolExecutor(THREADS, "borrowing")
        self._looked = False

    def copies(self, digest: str, size: int) -> list[Borrowed]:
        """Nobody waits for strangers where one that is known has the file."""
        holders = self._ask(self._endpoints, digest)
        copies = self._lent(holders, digest, size)
        if not copies and not self._looked:
            self._looked = True
            holders += self._ask([each for each in self._found() if each not in self._endpoints], digest)
            copies = self._lent(holders, digest, size)
        self._endpoints = tuple({holder.id: holder.endpoint for holder in reversed(holders)}.values())
        return copies

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _found(self) -> list[Endpoint]:
        """In a thread of its own: whoever downloads may have a loop that runs, or none."""
        try:
            return list(self._threads.submit(self._find).result(FINDING))[:MOST_ENDPOINTS]
        except (LateError, OSError):
            return []

    def _ask(self, endpoints: Iterable[Endpoint], digest: str) -> list[Holder]:
        """Who answers first comes first."""
        asked = [self._threads.submit(ask, self._caller, endpoint, [digest]) for endpoint in endpoints]
        return [holder for holder in _results(asked) if holder]

    def _lent(self, holders: Sequence[Holder], digest: str, size: int) -> list[Borrowed]:
        """Each node once, by the address that answered first. Those that are free come first."""
        nodes: dict[str, Holder] = {}
        for holder in holders:
            if holder.held.get(digest) == size and not self._is_out(holder.id):
                nodes.setdefault(holder.id, holder)
        order = sorted(nodes.values(), key=lambda node: not node.free)
        return [Borrowed(self._caller, node, digest, size, self._distrusted.add) for node in order]

    def _is_out(self, id: str) -> bool:
        return id in self._distrusted or self._denied(id)


def of_swarm(code: Code, options: Options, peers: Peers) -> Early:
    """Asks where its nodes were last, where the user says that they are, and then the network."""
    who = identity.visiting(options.folder, code)
    known = [
        Endpoint(*place) for place in (*options.places, *chain.from_iterable(peer.endpoints for peer in peers.all()))
    ]
    denied = {one.id for one in peers.denied()}
    find = partial(nearby, who.authority.tag, options.host)
    return Early(Caller(client_context(who)), known, find, denied.__contains__)


def nearby(tag: str, host: str | None = None) -> list[Endpoint]:
    """Where the nodes of the swarm with this tag say that they are."""
    return [endpoint for one in asyncio.run(find(tag, LOOKING, host)) for endpoint in one.endpoints]


def _results(asked: Sequence[Future[Holder | None]]) -> Iterator[Holder | None]:
    """Of those who answer in time."""
    with suppress(LateError):
        for each in as_completed(asked, ANSWERING):
            yield each.result()
    for each in asked:
        each.cancel()

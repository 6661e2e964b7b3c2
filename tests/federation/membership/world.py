"""A network of many memberships without sockets: what each is told comes later, or not at all, or the connection is
refused. One queue of events, one clock, one seed."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from localswarm.federation.membership.actions import Action, Knock, ProbeThrough
from localswarm.federation.membership.membership import Membership
from localswarm.federation.membership.timing import Timing
from localswarm.federation.nodes import Condition, Endpoint, Rumour

BEAT = 0.1
# Of one message. A probe with its reply and no rumours, in bytes on the wire, and each rumour.
RUMOURS = 32
PROBE_BYTES, RUMOUR_BYTES = 600, 45
# A connection is refused, or a packet is sent again, after so many seconds. With TCP's doubling.
REFUSED = 0.01
RESENT = 0.4

Cut = Callable[[str, str], bool]


@dataclass(slots=True)
class Traffic:
    messages: int = 0
    bytes: int = 0
    connections: int = 0


@dataclass
class Host:
    id: str
    membership: Membership
    up: bool = True
    unplugged: bool = False
    stalled: float = 0.0  # its loop does nothing until then
    life: int = 0
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return (Endpoint("10.0.0.1", 17617),)


class World:
    def __init__(self, seed: int, delay: float = 0.001, loss: float = 0.0, resends: bool = True) -> None:
        """`resends`: what is lost comes later, as with TCP; else it never comes."""
        self.rng = Random(seed)
        self.now = 0.0
        self.hosts: dict[str, Host] = {}
        self.cut: Cut = lambda a, b: False
        self.delay = delay
        self.loss = loss
        self.resends = resends
        self.ended: dict[str, tuple[float, int]] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._watchers: list[tuple[float, Callable[[], None]]] = []

    # Who there is.

    def join(self, id: str, seeds: tuple[str, ...] = ()) -> Host:
        life = self.hosts[id].life + 1 if id in self.hosts else 1
        membership = Membership(id, life * 2**20, Random(self.rng.random()), Timing())
        host = self.hosts[id] = Host(id, membership, life=life)
        membership.moved(host.endpoints)
        for seed in seeds:
            membership.sighted(self.now, seed, ())
        self.at(self.rng.random() * BEAT, lambda: self._tick(host))
        return host

    def swarm(self, size: int) -> list[str]:
        """So many nodes that know each other already."""
        ids = [f"{number:016x}" for number in range(size)]
        for id in ids:
            self.join(id)
        for id in ids:
            host = self.hosts[id].membership
            for other in ids:
                if other != id:
                    host.heard(0.0, other, self.hosts[other].membership.incarnation, 2 * self.delay)
            # Nothing of it is news.
            while host.rumours(10 * size, ids[0] if id != ids[0] else ids[1]):
                pass
        return ids

    def kill(self, id: str, unplug: bool = False) -> None:
        self.hosts[id].up = False
        self.hosts[id].unplugged = unplug

    def leave(self, id: str) -> None:
        """A goodbye to a few, as there is little time."""
        host = self.hosts[id]
        for other in host.membership.alive()[:8]:
            self._deliver(id, other, lambda to: to.membership.left(self.now, id, host.membership.incarnation))
        host.up = False

    def stall(self, id: str, seconds: float) -> None:
        self.hosts[id].stalled = self.now + seconds

    # Time.

    def at(self, after: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + after, next(self._order), event))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self._events and self._events[0][0] <= until:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = until

    def each(self, seconds: float, watch: Callable[[], None]) -> None:
        def again() -> None:
            watch()
            self.at(seconds, again)

        self.at(seconds, again)

    # What the driver does.

    def _tick(self, host: Host) -> None:
        if not host.up or self.hosts[host.id] is not host:
            return
        for action in host.membership.tick(self.now):
            self._do(host, action)
        self._loop(host, BEAT, lambda: self._tick(host))

    def _do(self, host: Host, action: Action) -> None:
        if isinstance(action, ProbeThrough):
            self._through(host, action)
        else:
            host.traffic.connections += isinstance(action, Knock)
            self._probe(host, action.id, action.within, lambda reached: None)

    def _probe(self, host: Host, id: str, within: float, then: Callable[[bool], None]) -> None:
        if id not in self.hosts:
            self.at(within, lambda: host.membership.missed(self.now, id, False))
            return
        rumours = host.membership.rumours(RUMOURS, id)
        self._pay(host.id, id, PROBE_BYTES // 2, rumours)
        asked = self.now
        open = [True]

        def answer(to: Host) -> None:
            to.membership.take(self.now, rumours, host.id)
            reply = to.membership.rumours(RUMOURS, host.id)
            self._pay(to.id, host.id, PROBE_BYTES // 2, reply)
            incarnation = to.membership.incarnation
            self._deliver(to.id, host.id, lambda back: arrived(incarnation, reply))

        def arrived(incarnation: int, reply: tuple[Rumour, ...]) -> None:
            if open.pop() if open else False:
                host.membership.heard(self.now, id, incarnation, self.now - asked)
                host.membership.take(self.now, reply, id)
                then(True)

        def failed(hard: bool) -> None:
            if open.pop() if open else False:
                host.membership.missed(self.now, id, hard)
                then(False)

        to = self.hosts[id]
        if not to.up and not to.unplugged and not self._is_cut(host.id, id):
            self._loop(host, 2 * self.delay + REFUSED, lambda: failed(True))
        else:
            self._deliver(host.id, id, answer)
            self._loop(host, within, lambda: failed(False))

    def _through(self, host: Host, action: ProbeThrough) -> None:
        waiting = set(action.helpers)

        def told(helper: str, reached: bool) -> None:
            if not waiting:
                return
            waiting.discard(helper)
            if reached:
                waiting.clear()
            if reached or not waiting:
                host.membership.through(self.now, action.id, reached)

        def late() -> None:
            if waiting:
                waiting.clear()
                host.membership.through(self.now, action.id, False)

        for helper in action.helpers:
            self._ask(host, helper, action.id, told)
        self._loop(host, action.within, late)

    def _ask(self, host: Host, helper: str, id: str, told: Callable[[str, bool], None]) -> None:
        def back(reached: bool) -> None:
            self._pay(helper, host.id, PROBE_BYTES // 2, ())
            self._deliver(helper, host.id, lambda _: told(helper, reached))

        self._pay(host.id, helper, PROBE_BYTES // 2, ())
        self._deliver(host.id, helper, lambda to: self._probe(to, id, 0.8, back))

    # The network.

    def _is_cut(self, a: str, b: str) -> bool:
        """TCP needs both ways."""
        return self.cut(a, b) or self.cut(b, a)

    def _deliver(self, a: str, b: str, act: Callable[[Host], None]) -> None:
        host = self.hosts[b]
        delay = self._crossing()
        if delay is None or host.unplugged or self._is_cut(a, b):
            return
        self._loop(host, delay, lambda: act(host))

    def _crossing(self) -> float | None:
        delay = self.delay * self.rng.uniform(0.8, 1.2)
        again = RESENT
        while self.rng.random() < self.loss:
            if not self.resends:
                return None
            delay += again
            again *= 2
        return delay

    def _loop(self, host: Host, after: float, event: Callable[[], None]) -> None:
        """In the loop of that host, which may be stalled."""

        def act() -> None:
            if not host.up or self.hosts[host.id] is not host:
                return
            if host.stalled > self.now:
                self.at(host.stalled - self.now, act)
            else:
                event()

        self.at(after, act)

    def _pay(self, a: str, b: str, size: int, rumours: tuple[Rumour, ...]) -> None:
        size += RUMOUR_BYTES * len(rumours)
        for id in (a, b):
            traffic = self.hosts[id].traffic
            traffic.messages += 1
            traffic.bytes += size

    # What they believe.

    def living(self) -> list[str]:
        return [id for id, host in self.hosts.items() if host.up]

    def believes(self, observer: str, id: str) -> Condition | None:
        return self.hosts[observer].membership.condition(id)

"""The figures of the membership: `python -m tests.federation.membership.simulation [nodes]` prints them all."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .world import World

Harm = Callable[[World, str], None]
LOOK = 0.05


def killed(world: World, id: str) -> None:
    world.kill(id)


def unplugged(world: World, id: str) -> None:
    world.kill(id, unplug=True)


def frozen(world: World, id: str) -> None:
    world.stall(id, 1e9)


@dataclass
class Ending:
    """After how many seconds the last of the others no longer routed to a node, and held it for gone."""

    unrouted: float = float("inf")
    gone: float = float("inf")


def ending(seed: int, size: int, harm: Harm) -> Ending:
    world = World(seed)
    ids = world.swarm(size)
    world.run(10 + 3 * world.rng.random())
    victim, others, start = ids[0], ids[1:], world.now
    harm(world, victim)
    found = Ending()
    while world.now < start + 12 and found.gone == float("inf"):
        world.run(LOOK)
        views = {world.believes(other, victim) for other in others}
        if "alive" not in views:
            found.unrouted = min(found.unrouted, world.now - start)
        if views == {"gone"}:
            found.gone = world.now - start
    return found


@dataclass
class Watch:
    """What the living wrongly believe of the living. `spells`: how long each suspicion lasted."""

    world: World
    gone: set[tuple[str, str]] = field(default_factory=set)
    spells: list[float] = field(default_factory=list)
    _since: dict[tuple[str, str], float] = field(default_factory=dict)

    def start(self) -> "Watch":
        self.world.each(0.1, self._look)
        return self

    def _look(self) -> None:
        living = self.world.living()
        for pair in ((a, b) for a in living for b in living if a != b):
            condition = self.world.believes(*pair)
            if condition == "gone":
                self.gone.add(pair)
            if condition != "alive":
                self._since.setdefault(pair, self.world.now)
            elif pair in self._since:
                self.spells.append(self.world.now - self._since.pop(pair))

    @property
    def suspected(self) -> set[tuple[str, str]]:
        """Still."""
        return set(self._since)


def lossy(seed: int, size: int, loss: float, seconds: float) -> tuple[Watch, float]:
    """With the bytes per node and second."""
    world = World(seed, delay=0.1, loss=loss)
    world.swarm(size)
    world.run(10)
    watch = Watch(world).start()
    return watch, rate(world, seconds)


def rate(world: World, seconds: float) -> float:
    before = sum(host.traffic.bytes for host in world.hosts.values())
    world.run(seconds)
    after = sum(host.traffic.bytes for host in world.hosts.values())
    return (after - before) / seconds / len(world.living())


def healed(seed: int, size: int, apart: set[int], seconds: float) -> float:
    """How long after a partition everybody is back."""
    world = World(seed)
    ids = world.swarm(size)
    world.run(10)
    away = {ids[number] for number in apart}
    world.cut = lambda a, b: (a in away) != (b in away)
    world.run(seconds)
    world.cut = lambda a, b: False
    return until(world, lambda: converged(world))


def until(world: World, condition: Callable[[], bool], limit: float = 60) -> float:
    start = world.now
    while not condition():
        world.run(0.1)
        if world.now - start > limit:
            return float("inf")
    return world.now - start


def converged(world: World) -> bool:
    living = world.living()
    return all(world.believes(a, b) == "alive" for a in living for b in living if a != b)


@dataclass
class Change:
    id: str
    at: float
    kind: str
    waiting: set[str]  # those that do not know yet


@dataclass
class Churn:
    """A swarm of which nodes leave, in three ways, and others come all the time."""

    world: World
    stay: set[str]
    changes: list[Change] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=dict)

    def change(self) -> None:
        if len(self.changes) % 2:
            self._come()
        else:
            self._go()

    def _come(self) -> None:
        id = f"new-{len(self.changes)}"
        self.world.join(id, seeds=tuple(self.world.rng.sample(sorted(self.stay), 3)))
        self.changes.append(Change(id, self.world.now, "come", set(self.stay)))

    def _go(self) -> None:
        id = self.world.rng.choice(sorted(self.stay))
        self.stay.discard(id)
        kind = ("killed", "unplugged", "left")[len(self.changes) // 2 % 3]
        self.changes.append(Change(id, self.world.now, kind, set(self.stay)))
        if kind == "left":
            self.world.leave(id)
        else:
            self.world.kill(id, unplug=kind == "unplugged")

    def look(self) -> None:
        for change in self.changes:
            if change.waiting:
                right = "alive" if change.kind == "come" else "gone"
                waiting = change.waiting & self.stay
                change.waiting = {id for id in waiting if self.world.believes(id, change.id) != right}
                if not change.waiting:
                    self.took.setdefault(change.kind, []).append(self.world.now - change.at)


def churned(seed: int, size: int, seconds: float, a_minute: float = 0.1) -> tuple[Churn, list[str]]:
    world = World(seed)
    churn = Churn(world, set(world.swarm(size)))
    idle = rate(world, 5)
    pause = 60 / (size * a_minute)
    world.each(0.2, churn.look)
    before = {id: (host.traffic.messages, host.traffic.bytes) for id, host in world.hosts.items()}
    start = world.now
    while world.now < start + seconds:
        churn.change()
        world.run(pause)
    took = world.now - start
    hosts = [(world.hosts[id].traffic, *before[id]) for id in churn.stay]
    messages = sum(traffic.messages - first for traffic, first, _ in hosts) / len(hosts) / took
    amount = sum(traffic.bytes - first for traffic, _, first in hosts) / len(hosts) / took
    most = max(traffic.bytes - first for traffic, _, first in hosts) / took
    world.run(12)
    lines = [
        f"idle: {idle:.0f} bytes per node and second",
        f"{messages:.1f} messages, {amount:.0f} bytes per node and second (the busiest: {most:.0f})",
    ]
    return churn, lines


def report(size: int) -> Iterator[str]:
    for nodes in (2, 3, 15):
        for harm in (killed, unplugged, frozen):
            endings = [ending(seed, nodes, harm) for seed in range(20)]
            unrouted, gone = max(each.unrouted for each in endings), max(each.gone for each in endings)
            yield f"{harm.__name__}, {nodes} nodes, worst of 20: unrouted in {unrouted:.1f} s, gone in {gone:.1f} s"
    for loss in (0.05, 0.2):
        watch, amount = lossy(1, 15, loss, 600)
        longest = max(watch.spells, default=0.0)
        yield (
            f"loss of {loss:.0%}, 100 ms, 15 nodes, 10 minutes: {len(watch.gone)} wrongly gone, {len(watch.spells)} "
            f"suspicions, the longest {longest:.1f} s, {amount:.0f} bytes per node and second"
        )
    for seconds in (3, 60):
        worst = max(healed(seed, 15, set(range(7)), seconds) for seed in range(5))
        yield f"partition of {seconds} s, 7 and 8 nodes, worst of 5: all are back after {worst:.1f} s"
    churn, lines = churned(1, size, 60)
    yield f"{size} nodes, 10 % churn a minute:"
    yield from (f"  {line}" for line in lines)
    for kind, took in churn.took.items():
        yield f"  {kind} ({len(took)}): all know in {sum(took) / len(took):.1f} s on average, {max(took):.1f} s at most"
    unknown = sum(1 for change in churn.changes if change.waiting)
    yield f"  not known to all in the end: {unknown} of {len(churn.changes)}"


if __name__ == "__main__":
    for line in report(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        print(line, flush=True)

"""What happens to the frames from one host to another (pure)."""

import random
from dataclasses import dataclass, fields
from typing import TypedDict

from . import frames

# What a rate limit holds back at most; the rest is lost, as in a router.
QUEUE_SECONDS = 1.0


class Faults(TypedDict, total=False):
    loss: float
    delay: float
    jitter: float
    repeat: float
    rate: float
    cut: bool
    block_multicast: bool
    block_udp: list[int]
    block_tcp: list[int]


@dataclass(slots=True)
class Rule:
    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    repeat: float = 0.0
    rate: float = 0.0
    cut: bool = False
    block_multicast: bool = False
    block_udp: frozenset[int] = frozenset()
    block_tcp: frozenset[int] = frozenset()
    free_at: float = 0.0  # when the frames before this one have passed the rate limit

    def update(self, faults: Faults) -> None:
        for name, value in faults.items():
            if name not in NAMES:
                raise ValueError(f"There is no fault {name!r}; there are {', '.join(NAMES)}.")
            setattr(self, name, frozenset(value) if isinstance(value, list) else value)

    def departures(self, frame: bytes, now: float, rng: random.Random) -> tuple[float, ...]:
        """When each copy of the frame leaves the switch; none where it is lost."""
        if self.blocks(frame) or (self.loss and rng.random() < self.loss):
            return ()
        due = self.through_the_limit(len(frame), now)
        if due is None:
            return ()
        due = max(now, due + self.delay + (rng.uniform(-self.jitter, self.jitter) if self.jitter else 0))
        return (due, due) if self.repeat and rng.random() < self.repeat else (due,)

    def blocks(self, frame: bytes) -> bool:
        if self.cut:
            return True
        if self.block_multicast and frames.multicast(frame) and not frames.arp(frame):
            return True
        if not self.block_udp and not self.block_tcp:
            return False
        protocol, port = frames.destination(frame)
        return port in (self.block_udp if protocol == frames.UDP else self.block_tcp)

    def through_the_limit(self, size: int, now: float) -> float | None:
        if not self.rate:
            return now
        start = max(now, self.free_at)
        if start - now > QUEUE_SECONDS:
            return None
        self.free_at = start + size / self.rate
        return self.free_at


NAMES = tuple(field.name for field in fields(Rule) if field.name != "free_at")

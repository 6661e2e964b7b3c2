"""What a rule does to frames, without a network."""

import random

import pytest

from .netlab import frames
from .netlab.rules import QUEUE_SECONDS, Faults, Rule

UDP_V4 = bytes(6) + bytes(6) + b"\x08\x00" + b"\x45" + bytes(8) + b"\x11" + bytes(10) + b"\x00\x01\x1e\x61" + bytes(4)
TCP_V6 = bytes(6) + bytes(6) + b"\x86\xdd" + bytes(6) + b"\x06" + bytes(33) + b"\x00\x01\x00\x50" + bytes(4)
FRAGMENT = UDP_V4[:21] + b"\x10" + UDP_V4[22:]
BROADCAST = b"\xff" * 6 + UDP_V4[6:]
WHO_HAS = b"\xff" * 6 + bytes(6) + b"\x08\x06" + bytes(28)


@pytest.mark.parametrize(
    ("frame", "there"),
    [(UDP_V4, (17, 7777)), (TCP_V6, (6, 80)), (FRAGMENT, (0, 0)), (WHO_HAS, (0, 0)), (UDP_V4[:37], (0, 0))],
)
def test_where_a_frame_goes(frame: bytes, there: tuple[int, int]) -> None:
    assert frames.destination(frame) == there


@pytest.mark.parametrize(
    ("faults", "frame", "passes"),
    [
        (Faults(), UDP_V4, True),
        (Faults(cut=True), WHO_HAS, False),
        (Faults(block_multicast=True), BROADCAST, False),
        (Faults(block_multicast=True), WHO_HAS, True),
        (Faults(block_multicast=True), UDP_V4, True),
        (Faults(block_udp=[7777]), UDP_V4, False),
        (Faults(block_udp=[80]), TCP_V6, True),
        (Faults(block_tcp=[80]), TCP_V6, False),
        (Faults(block_tcp=[80]), FRAGMENT, True),
    ],
)
def test_what_is_blocked(faults: Faults, frame: bytes, passes: bool) -> None:
    assert rule(faults).departures(frame, 5.0, random.Random(1)) == ((5.0,) if passes else ())


def test_loss_is_near_the_rate_and_the_same_for_the_same_seed() -> None:
    def kept(seed: int) -> list[int]:
        rng = random.Random(seed)
        return [i for i in range(1000) if rule(Faults(loss=0.3)).departures(UDP_V4, 0, rng)]

    assert 650 < len(kept(7)) < 750
    assert kept(7) == kept(7) != kept(8)


def test_delay_and_jitter() -> None:
    rng = random.Random(1)
    times = [rule(Faults(delay=0.1, jitter=0.02)).departures(UDP_V4, 1.0, rng)[0] for _ in range(100)]
    assert 1.08 <= min(times) < 1.09 and 1.11 < max(times) <= 1.12


def test_repeated_frames_leave_twice() -> None:
    assert rule(Faults(repeat=1.0)).departures(UDP_V4, 1.0, random.Random(1)) == (1.0, 1.0)


def test_a_rate_holds_frames_back_and_loses_them_when_the_queue_is_full() -> None:
    limited = rule(Faults(rate=len(UDP_V4) * 10.0))
    times = [limited.departures(UDP_V4, 0.0, random.Random(1)) for _ in range(20)]
    assert times[0][0] == pytest.approx(0.1)
    assert times[9][0] == pytest.approx(QUEUE_SECONDS)
    assert times[-1] == ()


def rule(faults: Faults) -> Rule:
    made = Rule()
    made.update(faults)
    return made

"""What a node says of the memory that it lends."""

from dataclasses import dataclass

from ..wire.codec import Codec

PATH = "/swarm/loan"
MOST_TERMS_BYTES = 2**16
NOT_LENT = "It lends no memory: start it there with --lend."


@dataclass(frozen=True, slots=True)
class Part:
    """One device. `room`: bytes that a model may take of it."""

    name: str
    room: int
    bandwidth: float = 0.0  # bytes per second; 0.0 is unknown


@dataclass(frozen=True, slots=True)
class Terms:
    """`name`: of the machine. `engine`: what both sides must have in the same version."""

    name: str
    engine: str
    parts: tuple[Part, ...] = ()
    why: str = ""  # nothing is lent now


TERMS: Codec[Terms] = Codec(Terms, "What is said of a loan")

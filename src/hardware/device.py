"""An accelerator that can hold a model."""

from dataclasses import dataclass
from typing import Literal

# `lent`: it is in another machine.
Kind = Literal["cuda", "rocm", "metal", "lent"]


@dataclass(frozen=True, slots=True)
class Device:
    kind: Kind
    name: str
    total: int  # bytes that it can use for a model
    free: int  # bytes of them, now
    bandwidth: float = 0.0  # bytes per second; 0.0 is unknown
    unified: bool = False  # these bytes are part of the machine's RAM, not in addition to it
    id: str = ""  # as its vendor's variables name it
    architecture: str = ""  # "8.6", "gfx1100", "apple-m3"


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of an accelerator at one moment. None: its driver does not tell."""

    id: str  # as of the device
    used: int | None  # by everybody
    own: int | None = None  # by the process that was asked about

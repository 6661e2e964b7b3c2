"""Other machines of the network, as a text names them: `desk.local,192.168.1.7:17617,[fe80::1%eth0]:17617`."""

import re
from dataclasses import dataclass

from . import kinds

# Nodes talk to each other here, and nobody else does.
SWARM_PORT = 17617
PIN_DIGITS = 6

PLACE = re.compile(
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<host>[\w.-]+))(?::(?P<port>\d{1,5}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody may be. `host`: an address or a name."""

    host: str
    port: int = SWARM_PORT

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Pin:
    """What another machine shows. `place`: None where it is to be found in the network."""

    digits: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.digits}@{self.place}" if self.place else self.digits


def places(said: str) -> tuple[Place, ...]:
    """Several with commas between them."""
    return tuple(_place(one.strip()) for one in kinds.text(said).split(",") if one.strip())


def names(said: str) -> tuple[str, ...]:
    """Ids, names or addresses, with commas between them."""
    return tuple(one.strip() for one in kinds.text(said).split(",") if one.strip())


def pin(said: str) -> Pin:
    digits, at, place = kinds.text(said).strip().partition("@")
    digits = digits.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == PIN_DIGITS):
        raise ValueError(f"a PIN has {PIN_DIGITS} digits, as `python main.py swarm pair` shows them")
    if at and not re.search(r"(\]|[^:]):\d+$", place):
        raise ValueError("behind the @ there must be an address and a port, as `python main.py swarm pair` shows them")
    return Pin(digits, _place(place) if at else None)


def _place(said: str) -> Place:
    found = PLACE.fullmatch(_bracketed(said))
    port = int(found["port"] or SWARM_PORT) if found else 0
    if not found or not 0 < port < 65536:
        raise ValueError(f"'{kinds.short(said)}' is not like 192.168.1.7, desk.local:{SWARM_PORT} or [fd00::7]")
    return Place(found["address"] or found["host"], port)


def _bracketed(said: str) -> str:
    """An address of IPv6 alone needs no brackets."""
    return f"[{said}]" if said.count(":") > 1 and "[" not in said else said

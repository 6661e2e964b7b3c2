"""How this node takes part in a swarm."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """`only`: no other port will do. `places`: where the user says that others are. `host`: the one address to use;
    None for all. `is_open`: whoever is in the network takes part."""

    folder: Path
    port: int
    only: bool = False
    host: str | None = None
    places: tuple[tuple[str, int], ...] = ()
    is_open: bool = False
    say: Callable[[str], None] = lambda _: None

"""What a node tells when it can answer."""

from dataclasses import dataclass
from pathlib import Path

from ..hardware.machine import Hardware
from ..settings import Settings
from . import key


@dataclass(frozen=True, slots=True)
class Welcome:
    """Of every node; each kind adds what is its own. `join`: how another machine comes to it; empty: none may."""

    settings: Settings
    hardware: Hardware
    url: str
    notes: tuple[str, ...]
    join: str

    @property
    def key_file(self) -> Path | None:
        """Where the key lies that was made because the node listens beyond loopback."""
        return key.file_of(self.settings)

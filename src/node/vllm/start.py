"""What one start of vLLM needs, and how long it is waited for."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...engines.vllm import command
from ...engines.vllm.command import LOOPBACK, Wish
from . import guarded


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    look: float = 0.5  # between two questions while it starts
    watch: float = 5.0  # and while it serves
    # Its process lives, and nothing answers: a server that is very busy answers in the end.
    silence: float = 60.0
    first_pause: float = 1.0
    longest_pause: float = 30.0
    # After so long in service the next end counts as the first again.
    healthy: float = 60.0
    grace: float = guarded.GRACE_SECONDS  # to end politely
    ports: int = 3  # that are tried where one was free and is taken a moment later


@dataclass(frozen=True, slots=True)
class Start:
    """All that one start needs. `port` 0: any that is free."""

    executable: str
    wish: Wish
    environment: Mapping[str, str]
    key: str
    log: Path
    port: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """What makes two of them alike, wherever they listen, and however much of the GPU was free."""
        return tuple(command.words(self.executable, replace(self.wish, share=0.0), 0))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port

"""Other machines of the user, which may have a file already: they are asked before the internet is.

A file is asked for by the digest that hubs know it by: its SHA-256, or of small files git's SHA-1. So it does not
matter whose bytes they are, and what is wrong is found.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol


class Copy(Protocol):
    """A file that a neighbour has."""

    @property
    def holder(self) -> str:
        """As sentences call the neighbour."""
        ...

    def read(self, begin: int, end: int) -> Iterator[bytes]:
        """The bytes from `begin` to before `end`. Ends early, and raises nothing, where the neighbour fails."""
        ...

    def reject(self) -> None:
        """What it sent was wrong: this neighbour is asked for nothing more."""
        ...


class Neighbours(Protocol):
    def copies(self, digest: str, size: int) -> Sequence[Copy]:
        """The best one first. Takes a few seconds at most."""
        ...


class Alone:
    def copies(self, digest: str, size: int) -> Sequence[Copy]:
        return ()

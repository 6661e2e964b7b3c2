"""The tools of this node, as far as they are for other nodes. Whoever has tools fills this in."""

from collections.abc import Sequence
from typing import Protocol

from ..swarm.hands import Hands


class Tools(Protocol):
    def names(self) -> Sequence[str]:
        """For everybody to know, also for those that may not use them."""
        ...

    def admit(self, id: str) -> Hands:
        """For this node, whose id is proven. Forbidden where it may use none."""
        ...

"""What a node tells of its own presence."""

from ..nodes import Endpoint, Rumour
from .known import merged
from .timing import ENDPOINTS_MOST, INCARNATION_MOST

# Addresses at which we met ourselves.
MET_MOST = 64


class Own:
    def __init__(self, id: str, incarnation: int, instance: str) -> None:
        self.id = id
        self.incarnation = incarnation
        self.instance = instance
        self.clash = False
        self._endpoints: tuple[Endpoint, ...] = ()
        self._met: tuple[Endpoint, ...] = ()

    def rumour(self) -> Rumour:
        return Rumour(self.id, "alive", self.incarnation, self._endpoints)

    def move(self, endpoints: tuple[Endpoint, ...]) -> bool:
        """A new incarnation, for others believe the newest."""
        if endpoints == self._endpoints:
            return False
        self._endpoints = endpoints[:ENDPOINTS_MOST]
        self.incarnation += 1
        return True

    def object(self, accusation: Rumour) -> None:
        """Whoever is said to be away says better, by an incarnation that is higher than the one that was accused."""
        if self.incarnation <= accusation.incarnation < INCARNATION_MOST:
            self.incarnation = accusation.incarnation + 1

    def elsewhere(self, endpoints: tuple[Endpoint, ...]) -> bool:
        """We are said to be where we know nothing of: it may be another node with our key."""
        return bool(self._endpoints) and not set(endpoints) <= {*self._endpoints, *self._met}

    def met(self, instance: str, endpoints: tuple[Endpoint, ...]) -> None:
        """Somebody with our id answered."""
        if instance and self.instance and instance != self.instance:
            self.clash = True
        else:
            self._met = merged(endpoints, self._met, MET_MOST)

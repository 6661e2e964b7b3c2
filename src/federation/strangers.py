"""Local Swarm machines of the network that are not of our swarm."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from .discovery.record import Sighting
from .wire.versions import PROTOCOL

# As they are announced anew every few minutes, who was not seen for longer is not there.
REMEMBERED_SECONDS = 900.0
MOST = 64


class Strangers:
    """`say`: told of each once."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Sighting]] = OrderedDict()
        self._told: set[str] = set()

    def saw(self, sighting: Sighting) -> None:
        self._seen[sighting.id] = self._clock(), sighting
        self._seen.move_to_end(sighting.id)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)
        if sighting.id not in self._told and len(self._told) < MOST:
            self._told.add(sighting.id)
            self._say(_sentence(sighting))

    def belongs(self, id: str) -> None:
        """It is of our swarm by now."""
        self._seen.pop(id, None)

    def all(self) -> Sequence[Sighting]:
        since = self._clock() - REMEMBERED_SECONDS
        return [sighting for at, sighting in self._seen.values() if at >= since]


def why(one: Sighting) -> str:
    if one.protocol != PROTOCOL:
        return "It has another version of Local Swarm. Update the older one of the two."
    return "It is not of this swarm. Start it there with --join and the code of: python main.py swarm code"


def _sentence(one: Sighting) -> str:
    return f"Another Local Swarm machine is here, {one.name or one.id} ({one.endpoints[0]}). {why(one)}"

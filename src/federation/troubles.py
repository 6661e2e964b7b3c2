"""What is wrong between other nodes and this one."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

# Whoever is still there makes the same trouble again long before.
REMEMBERED_SECONDS = 300.0
# Whoever has the code can make a key after the other.
MOST = 64


class Troubles:
    """`say`: told of each once."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def note(self, id: str, why: str) -> None:
        is_new = self.of(id) != why
        self._known[id] = self._clock(), why
        self._known.move_to_end(id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        if is_new:
            self._say(f"swarm: {why}")

    def over(self, id: str) -> None:
        self._known.pop(id, None)

    def of(self, id: str) -> str:
        """Empty where nothing is."""
        return self.all().get(id, "")

    def all(self) -> Mapping[str, str]:
        """By the id of the node, which need be no member."""
        since = self._clock() - REMEMBERED_SECONDS
        return {id: why for id, (at, why) in self._known.items() if at >= since}

"""How many prompt tokens go into one step, and whose. Pure.

Alone, a prompt is read in full steps. While others write, a step must stay short: their next token waits for it.
"""

from collections.abc import Sequence as Sized

# A writer's next token may come this much later for somebody else's prompt. Below about 32 tokens a step reads
# much slower for each token (measured: 75 % of full speed at 32, 96 % at 128).
PATIENCE_SECONDS = 0.12
LEAST_CHUNK = 32
# The newest measurement counts this much: machines get busy and free again.
WEIGHT = 0.3
# The shortest prompt gets most of a step, so that a small request does not wait behind a large one;
# the rest keeps the large one moving.
SHARE_OF_SHORTEST = 0.75


class Pace:
    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._seconds_per_token: float | None = None

    def chunk(self, writers: int) -> int:
        room = max(1, self._largest - writers)
        if writers == 0:
            return room
        if self._seconds_per_token is None:
            return min(room, LEAST_CHUNK)
        return min(room, max(LEAST_CHUNK, int(PATIENCE_SECONDS / self._seconds_per_token)))

    def learn(self, tokens: int, seconds: float) -> None:
        """From steps that mostly read: a step of a few tokens says nothing about reading."""
        if tokens < LEAST_CHUNK:
            return
        now = seconds / tokens
        before = self._seconds_per_token
        self._seconds_per_token = now if before is None else WEIGHT * now + (1 - WEIGHT) * before


def shares(unread: Sized[int], budget: int) -> list[int]:
    """How many tokens each of these prompts, oldest first, may read of the budget."""
    given = [0] * len(unread)
    if not unread:
        return given
    by_length = sorted(range(len(unread)), key=lambda i: unread[i])
    first = by_length[0]
    given[first] = min(unread[first], budget if len(unread) == 1 else int(budget * SHARE_OF_SHORTEST))
    rest = budget - given[first]
    for i in [0, *by_length]:
        more = min(unread[i] - given[i], rest)
        given[i] += more
        rest -= more
    return given

"""How many prompt tokens go into one step, and whose. Pure.

Alone, a prompt is read in full steps. While others write, a step must stay short: their next token waits for it.
"""

from collections.abc import Sequence as Sized

# A writer's next token may come this much later for somebody else's prompt. Below about 32 tokens a step reads
# much slower for each token (measured: 75 % of full speed at 32, 96 % at 128).
PATIENCE_SECONDS = 0.12
LEAST_CHUNK = 32
# An answer that has just begun may be a short one, such as an agent's title for a conversation that it is about to
# have: it is soon done, and hardly slows the long prompt beside it.
YOUNG_TOKENS = 32
YOUNG_PATIENCE_SECONDS = 0.025
YOUNG_LEAST_CHUNK = 8
# Where nobody writes, who comes next waits for the step that runs. Larger steps read hardly faster.
LONGEST_STEP_SECONDS = 0.6
LEAST_ALONE = 128
# The newest measurement counts this much: machines get busy and free again.
WEIGHT = 0.3
# So many tokens keep others waiting for long.
MUCH = 1024
# Texts to vectors, beside answers.
ASIDE_SECONDS = 0.04
ASIDE_LEAST = 8
# The shortest prompt gets most of a step, so that a small request does not wait behind a large one;
# the rest keeps the large one moving.
SHARE_OF_SHORTEST = 0.95


class Pace:
    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._seconds_per_token: float | None = None

    def chunk(self, writers: int, young: bool = False, unread: int = MUCH) -> int:
        """`young`: one of the writers has only begun. `unread`: tokens of all prompts together; a little is best read
        at once."""
        room = max(1, self.largest - writers)
        if writers == 0:
            return room if unread <= self.largest else min(room, self._within(LONGEST_STEP_SECONDS, LEAST_ALONE, room))
        if young and unread >= MUCH:
            return min(room, self._within(YOUNG_PATIENCE_SECONDS, YOUNG_LEAST_CHUNK, LEAST_CHUNK))
        return min(room, self._within(PATIENCE_SECONDS, LEAST_CHUNK, LEAST_CHUNK))

    def _within(self, seconds: float, least: int, unknown: int) -> int:
        if self._seconds_per_token is None:
            return unknown
        return max(least, int(seconds / self._seconds_per_token))

    def aside(self, beside: bool) -> int:
        """For work that nobody waits for as for an answer; `beside` answers it may take hardly any time."""
        seconds = ASIDE_SECONDS if beside else LONGEST_STEP_SECONDS / 2
        return self._within(seconds, ASIDE_LEAST, ASIDE_LEAST)

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

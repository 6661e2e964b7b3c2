"""Is a member that only says that it is at work still to be waited for? (pure)"""

from ..errors import UpstreamFault
from .membership.allowance import Allowance

# One each two seconds is said; after a stall of the network those of a while come at once.
SIGNS_A_SECOND = 1.0
SIGNS_AT_ONCE = 30
# A slow machine reads a long prompt for many minutes, and others wait before it. Nobody waits for longer than this.
MUTE_SECONDS = 1800.0


class Pulse:
    """Of one answer. `who`: as it is called in an error."""

    def __init__(self, who: str, now: float) -> None:
        self._who = who
        self._spoke = now
        self._signs = Allowance(SIGNS_A_SECOND, SIGNS_AT_ONCE)

    def speak(self, now: float) -> None:
        """Something of the answer came."""
        self._spoke = now

    def beat(self, now: float) -> None:
        """It says that it is at work. UpstreamFault where that is not worth the waiting."""
        if not self._signs.take(now):
            raise UpstreamFault(f"{self._who} says again and again that it is at work, and nothing else.")
        if now - self._spoke > MUTE_SECONDS:
            raise UpstreamFault(f"{self._who} has worked for {MUTE_SECONDS / 60:g} minutes without a word.")

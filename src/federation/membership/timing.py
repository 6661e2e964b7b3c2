"""How long things take, in seconds, and how much of anything there may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    round: float = 1.0
    asked_a_round: int = 2
    # Swarms so small are asked whole in each round.
    small: int = 4
    # A question waits for its answer: four round trips, but not less and not more than this.
    # One that is doubted already has to be a little quicker.
    patience: float = 0.8
    patience_again: float = 0.6
    patience_most: float = 3.0
    # A suspect of which nothing is seen for so long is gone.
    silence: float = 3.8
    # One whose machine refuses in its place is gone sooner: that is no lost message.
    refused: float = 3.0
    # A suspect is asked so often; one that only others can reach, after a while, less often.
    again: float = 1.0
    again_later: float = 2.0
    later: float = 10.0
    # Who answered so recently is not asked again because somebody doubts it.
    fresh: float = 1.0
    # Ticks that are further apart mean that this process was late itself.
    late: float = 0.5
    # After such a lag everything may take longer for a while.
    recovery: float = 10.0
    stretch_most: float = 4.0
    # One that is gone is remembered, listed, and knocked on for so long.
    remembered: float = 3600.0


# The network is hostile and memory is not endless.
MEMBERS_MOST = 4096
GONE_MOST = 256
ENDPOINTS_MOST = 8
RUMOURS_MOST = 256  # of one message
ID_LONGEST = 64
# JSON carries whole numbers up to here; nobody counts so far.
INCARNATION_MOST = 2**53 - 1

HELPERS = 3

"""Act or talk: should the call be made at all, or was none asked for? Pure.

The constants are a logistic curve, measured in docs/benchmarks/selection.md with the smallest model that there is; the
names of tools are gained alike by models of other sizes.
"""

from localswarm.swarm.consensus.support import Support

# Where the model's own opinion is known, and where it is not.
START, GAINED, MADE_UP, NAMED = 1.2, 0.5, 2.4, 2.0
START_UNKNOWN, MADE_UP_UNKNOWN, NAMED_UNKNOWN = 0.15, 2.4, 2.8


def odds(found: Support, gain: float | None = None) -> float:
    """The logarithm of the odds that a call is wanted: above 0 act, below it talk.

    `gain`: by so many nats the request makes the name of the tool likelier, against a request that says nothing, both
    behind the text that begins a call.
    """
    if gain is None:
        return START_UNKNOWN - MADE_UP_UNKNOWN * found.made_up + NAMED_UNKNOWN * found.named
    return START + GAINED * gain - MADE_UP * found.made_up + NAMED * found.named

"""Act or talk: should the call be made at all, or was none asked for? Pure.

What the node does (consensus/wanted.py), and how much better it would be if it also asked the model. The constants are
a logistic curve, measured in docs/benchmarks/selection.md with the smallest model that there is; the names of tools are
gained alike by models of other sizes.
"""

from localswarm.swarm.consensus import wanted
from localswarm.swarm.consensus.support import Support

# Where the model's own opinion is known.
START, GAINED, MADE_UP, NAMED = 1.2, 0.5, 2.4, 2.0


def odds(found: Support, gain: float | None = None) -> float:
    """The logarithm of the odds that a call is wanted: above 0 act, below it talk.

    `gain`: by so many nats the request makes the name of the tool likelier, against a request that says nothing, both
    behind the text that begins a call.
    """
    if gain is None:
        return wanted.odds(found)
    return START + GAINED * gain - MADE_UP * found.made_up + NAMED * found.named

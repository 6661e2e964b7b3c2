"""What a node pays for each token that it passes on or sends."""

import asyncio
from collections.abc import Iterator

from ..relay_peer import measured
from .figure import Figure

STREAMS, SECONDS, PACE = 200, 10.0, 20.0


def measure() -> Iterator[Figure]:
    costs = asyncio.run(measured(STREAMS, SECONDS, PACE))
    note = f"{STREAMS} streams of {PACE:g} tokens/s, mTLS, {costs.rate:.0f} tokens/s in all"
    yield Figure("relay cost per token, the node that asks", 80.0, 1e6 * costs.asking, "us of CPU", note)
    note = f"{note}; {1e6 * costs.member:.1f} us of it are the stub's own"
    yield Figure("relay cost per token, the node that answers", 80.0, 1e6 * costs.answering, "us of CPU", note)

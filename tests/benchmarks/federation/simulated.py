"""A thousand nodes that come and go, by the same pure code without sockets."""

from collections.abc import Iterator

from ...federation.membership.simulation import churned
from .figure import Figure

NODES, SECONDS = 1000, 60.0


def measure() -> Iterator[Figure]:
    churn, traffic = churned(1, NODES, SECONDS)
    slowest = max(max(took) for took in churn.took.values())
    unknown = sum(1 for change in churn.changes if change.waiting)
    if unknown:
        slowest = float("inf")
    note = f"{len(churn.changes)} changes in {SECONDS:g} s, until every node knows; {'; '.join(traffic)}"
    yield Figure(f"simulated: {NODES} nodes, 10 % churn a minute", 10.0, slowest, "s", note)

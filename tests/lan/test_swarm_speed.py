"""A few of the figures of tests/benchmarks/federation, on fewer nodes and held to less: a busy machine passes."""

from collections.abc import Iterator

import pytest

from ..benchmarks.federation import ended, first_token, prefix, seen
from ..benchmarks.federation.nodes import Nodes, nodes


@pytest.fixture(scope="module")
def swarm() -> Iterator[Nodes]:
    """Every test leaves three nodes that know each other."""
    with nodes(3, "--writes", "10000") as started:
        started.start("h3")
        first_token.start(started)
        yield started


def test_agents_of_a_kind_spare_each_other_most_of_the_reading(swarm: Nodes) -> None:
    assert prefix.again(swarm, list(swarm.running), agents=6, turns=3) < 0.3


def test_a_first_token_through_another_node_comes_hardly_later(swarm: Nodes) -> None:
    assert first_token.medians(swarm, 15) < 0.05


def test_a_node_that_is_killed_is_spared_soon_and_asked_again_when_it_is_back(swarm: Nodes) -> None:
    spared, gone = ended.end(swarm, "h3", ended.killed)
    assert spared < 6
    assert gone < 12
    assert seen.one(swarm, "h3") < 6

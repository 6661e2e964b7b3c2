"""Any inputs in any order: nothing raises, nothing grows without end, and only answers make a node alive."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from localswarm.federation.membership.membership import Membership
from localswarm.federation.nodes import Condition, Endpoint, Rumour

ids = st.sampled_from(["me", "a", "b", "c", "d", "", "x" * 100])
incarnations = st.integers(-5, 2**60)
endpoints = st.lists(st.builds(Endpoint, st.sampled_from(["10.0.0.1", "::1"]), st.integers(1, 99)), max_size=12).map(
    tuple
)
conditions: st.SearchStrategy[Condition] = st.sampled_from(["alive", "suspect", "gone"])
rumours = st.builds(Rumour, ids, conditions, incarnations, endpoints, st.booleans())
events = st.one_of(
    st.tuples(st.just("heard"), ids, incarnations),
    st.tuples(st.just("missed"), ids, st.booleans()),
    st.tuples(st.just("through"), ids, st.booleans()),
    st.tuples(st.just("left"), ids, incarnations),
    st.tuples(st.just("sighted"), ids, endpoints),
    st.tuples(st.just("take"), st.lists(rumours, max_size=6), ids),
    st.tuples(st.just("deny"), st.lists(ids, max_size=2)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 5), events), max_size=60), st.integers(0, 9))
def test_whatever_happens(script: list[tuple[float, tuple[Any, ...]]], seed: int) -> None:
    membership = Membership("me", 1, Random(seed), instance="first")
    now, answered, last = 0.0, set[str](), membership.incarnation
    for pause, (name, *arguments) in script:
        now += pause
        getattr(membership, name)(*([] if name == "deny" else [now]), *arguments)
        if name == "heard":
            answered.add(str(arguments[0]))
        membership.tick(now)
        listed = {standing.id for standing in membership.standings()}
        assert listed <= answered - {"me"}
        assert set(membership.alive()) <= listed
        assert len(membership.rumours(8, "a")) <= 8
        assert membership.incarnation >= last
        last = membership.incarnation

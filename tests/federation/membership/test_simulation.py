"""What the machine promises, on a simulated network. More of it: `python -m tests.federation.membership.simulation`."""

import pytest
from localswarm.federation.nodes import Condition, Endpoint, Rumour

from .simulation import Harm, Watch, churned, converged, ending, frozen, healed, killed, lossy, rate, unplugged, until
from .world import World


@pytest.mark.parametrize("size", [2, 3, 15])
@pytest.mark.parametrize(("harm", "unrouted"), [(killed, 3.0), (unplugged, 6.0), (frozen, 6.0)])
def test_who_dies_is_soon_not_routed_to_and_then_gone(size: int, harm: Harm, unrouted: float) -> None:
    for seed in range(4):
        found = ending(seed, size, harm)
        assert found.unrouted <= unrouted
        assert found.gone <= 6.0


@pytest.mark.parametrize(("loss", "most"), [(0.05, 5000), (0.2, 6500)])
def test_lost_packets_end_nobody(loss: float, most: float) -> None:
    watch, amount = lossy(1, 15, loss, 90)
    assert not watch.gone
    assert max(watch.spells, default=0) < 5
    assert len(watch.suspected) < 3
    assert amount < most


@pytest.mark.parametrize("seconds", [3, 60])
@pytest.mark.parametrize("apart", [{0}, set(range(7))])
def test_after_a_partition_everybody_is_back(seconds: float, apart: set[int]) -> None:
    assert healed(1, 15, apart, seconds) <= 15


def test_a_short_partition_ends_nobody() -> None:
    world = World(1)
    ids = world.swarm(15)
    watch = Watch(world).start()
    world.cut = lambda a, b: (a in ids[:7]) != (b in ids[:7])
    world.run(3)
    world.cut = lambda a, b: False
    world.run(5)
    assert not watch.gone


def test_a_pair_that_cannot_talk_keeps_each_other() -> None:
    world = World(1)
    a, b, *others = world.swarm(15)
    world.cut = lambda x, y: (x, y) == (a, b)
    watch = Watch(world).start()
    assert rate(world, 60) < 4000
    assert not watch.gone
    assert watch.suspected == {(a, b), (b, a)}
    assert not [pair for pair in watch.suspected if pair[0] in others]


@pytest.mark.parametrize(("stall", "every"), [(0.3, 0.6), (0.9, 1.0), (2.0, 60.0), (30.0, 120.0)])
def test_one_whose_loop_lags_accuses_nobody(stall: float, every: float) -> None:
    world = World(1)
    slow, *others = world.swarm(15)
    world.run(5)
    watch = Watch(world).start()
    world.stall(slow, stall)
    world.each(every, lambda: world.stall(slow, stall))
    world.run(50)
    assert not [pair for pair in watch.gone | watch.suspected if pair[0] == slow]
    assert not [pair for pair in watch.gone if pair[0] in others and pair[1] in others]
    assert stall > 3 or not watch.gone
    assert converged(world)


def test_one_that_flaps_is_trusted_less_and_takes_nobody_with_it() -> None:
    world = World(2)
    ids = world.swarm(8)
    shaky = ids[0]
    watch = Watch(world).start()
    shares = []
    for _ in range(3):
        routed = []
        for _ in range(8):
            world.stall(shaky, 8)
            for _ in range(16):
                world.run(1)
                routed.append(world.believes(ids[1], shaky) == "alive")
        shares.append(sum(routed) / len(routed))
    assert shares[2] < shares[0] / 2
    assert all(shaky in pair for pair in watch.gone | watch.suspected)


@pytest.mark.parametrize("said", ["gone", "suspect"])
def test_forged_accusations_end_nobody(said: Condition) -> None:
    world = World(3)
    liar, *others = world.swarm(8)
    watch = Watch(world).start()

    def forge() -> None:
        for host in others:
            forged = [Rumour(id, said, world.hosts[id].membership.incarnation + 5, left=True) for id in others]
            world.hosts[host].membership.take(world.now, forged, liar)

    world.each(0.5, forge)
    # As much as eight checks a second at most.
    assert rate(world, 20) < 60_000
    assert not watch.gone and not watch.suspected and not watch.spells


def test_invented_nodes_are_never_listed_and_a_death_is_still_seen() -> None:
    world = World(4)
    liar, *others = world.swarm(8)

    def forge() -> None:
        numbers = [world.rng.randrange(10**9) for _ in range(200)]
        forged = [Rumour(f"{number:016d}", "alive", 1, (Endpoint("10.9.9.9", 1),)) for number in numbers]
        forged += [Rumour(id, "alive", 2**53 - 1) for id in others]
        for host in others:
            world.hosts[host].membership.take(world.now, forged, liar)

    world.each(0.5, forge)
    world.run(20)
    assert {standing.id for standing in world.hosts[others[0]].membership.standings()} == {liar, *others[1:]}
    world.kill(others[3])
    assert until(world, lambda: all(world.believes(id, others[3]) == "gone" for id in others if id != others[3])) < 6


def test_one_seed_is_enough_to_learn_all() -> None:
    world = World(5)
    ids = world.swarm(15)
    world.run(5)
    world.join("new", seeds=(ids[3],))
    assert until(world, lambda: converged(world)) < 2


def test_a_restarted_node_is_back_at_once_and_is_another() -> None:
    world = World(6)
    ids = world.swarm(5)
    world.run(5)
    world.kill(ids[0])
    world.run(1.5)
    world.join(ids[0], seeds=(ids[1],))
    assert until(world, lambda: converged(world)) < 3


def test_a_large_swarm_that_always_changes_agrees() -> None:
    churn, _ = churned(1, 60, 12, a_minute=1.0)
    assert not [change for change in churn.changes if change.waiting]
    assert max(max(took) for took in churn.took.values()) < 10

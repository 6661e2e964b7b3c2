"""A swarm of stub nodes on networks and machines that fail. Whatever happens: each answer is whole or an error, every
node soon believes what is true, and nobody works for nobody."""

import itertools
import time
from collections.abc import Iterator

import pytest

from .netlab import Lab, freeze, kill, thaw
from .stubs import Stubs, all_at
from .watched import until

# The one that clients ask is ten times slower than the others, so that these answer.
DOOR, OTHERS = "h1", ("h2", "h3", "h4")
LONG = "word " * 4000


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    with Lab(4, seed=1) as lab:
        stubs = Stubs(lab, tmp_path_factory.mktemp("nodes"))
        stubs.start(DOOR, "--writes", "10")
        for name in OTHERS:
            stubs.start(name, "--reads", "8000")
        yield stubs


@pytest.fixture
def stubs(everybody: Stubs) -> Stubs:
    """Those that the test before has left, on a network without faults."""
    everybody.lab.clear()
    for node in everybody.nodes.values():
        thaw(node.process)
    everybody.together(seconds=60)
    return everybody


def test_killed_before_the_first_word_at_it_and_in_the_middle(stubs: Stubs) -> None:
    for words, prompt in ((0, LONG), (1, ""), (50, "")):
        asked = stubs[DOOR].ask(stubs.prompt() + prompt, 80)
        assert all_at([asked], words)
        kill(stubs.helper(DOOR).process)
        assert asked.written < 80
        asked.wait()
        assert (asked.end, asked.wrong) == ("whole", "")
    assert stubs.living == [stubs[DOOR]]
    stubs.check([])
    stubs.full()


def test_frozen_in_the_middle_and_thawed(stubs: Stubs) -> None:
    asked = stubs.ask(DOOR, 3, 150)
    assert all_at(asked, 20)
    helper = stubs.helper(DOOR)
    freeze(helper.process)
    for one in asked:
        one.wait()
    # Four seconds without a sign, and what a busy machine adds.
    assert 3 < max(one.gap for one in asked) < 10
    assert until(lambda: stubs[DOOR].peers[helper.name] == "gone")
    thaw(helper.process)
    stubs.check(asked)


@pytest.mark.parametrize("how", ["frozen", "unplugged"])
def test_asked_of_one_that_has_just_fallen_silent(stubs: Stubs, how: str) -> None:
    """Nobody refuses in its name. What it was sent is asked elsewhere, and not answered there as well later."""
    silent = stubs[OTHERS[0]]
    if how == "frozen":
        freeze(silent.process)
    else:
        stubs.lab.link(silent.name, cut=True)
    time.sleep(0.2)  # the switch is another process
    begun = time.monotonic()
    asked = stubs.ask(DOOR, 12)
    for one in asked:
        one.wait()
    # Taken within a second, or asked whether it is there; and what a busy machine adds. They would wait six.
    assert max(one.heard.times[0] for one in asked) - begun < 5
    healed = time.monotonic()
    stubs.lab.clear()
    thaw(silent.process)
    stubs.check(asked)
    # What reached it after all was given up behind it: it may have read the question, and has not written the answer.
    late = [(at, sum(running)) for at, _, running in silent.of("running") if at >= healed]
    assert all(after[0] - at < 0.7 for (at, running), after in itertools.pairwise(late) if running), late


def test_partition_of_three_seconds(stubs: Stubs) -> None:
    asked = stubs.ask(DOOR, 4, 300)
    assert all_at(asked, 20)
    stubs.lab.partition([DOOR], [stubs.helper(DOOR).name])
    time.sleep(3)
    stubs.lab.heal()
    stubs.check(asked)
    assert max(one.gap for one in asked) > 2


def test_cut_in_one_direction(stubs: Stubs) -> None:
    asked = stubs.ask(DOOR, 3, 200)
    assert all_at(asked, 20)
    cut = stubs.helper(DOOR)
    stubs.lab.link(cut.name, DOOR, both=False, cut=True)
    for one in asked:
        one.wait()
    assert until(lambda: stubs[DOOR].peers[cut.name] == "suspect")
    # Others reach it.
    assert not until(lambda: stubs[DOOR].peers[cut.name] == "gone", 2)
    stubs.lab.heal()
    stubs.check(asked)


@pytest.mark.parametrize("loss", [0.05, 0.2])
def test_a_network_that_is_slow_and_loses(stubs: Stubs, loss: float) -> None:
    stubs.lab.link(loss=loss, delay=0.1)
    asked = [*stubs.ask(DOOR, 4), *stubs.ask("h2", 2)]
    for one in asked:
        one.wait()
    stubs.lab.clear()
    stubs.check(asked)


def test_a_slow_node_keeps_nobody_waiting(stubs: Stubs) -> None:
    """It alone would take a minute."""
    begun = time.monotonic()
    asked = stubs.ask(DOOR, 6)
    stubs.check(asked)
    assert max(one.ended or begun for one in asked) - begun < 20


def test_killed_in_the_middle_of_a_vote(stubs: Stubs) -> None:
    asked = stubs[DOOR].ask(stubs.prompt(), 60, "swarm:vote")
    assert until(lambda: len(stubs.working()) > 1)
    kill(stubs.helper(DOOR).process)
    stubs.check([asked])


def test_killed_after_the_last_word(stubs: Stubs) -> None:
    asked = stubs[DOOR].ask(stubs.prompt(), 50)
    helper = stubs.helper(DOOR)
    assert asked.wait().end == "whole"
    kill(helper.process)
    again = stubs[DOOR].ask(stubs.prompt(), 50)
    stubs.check([asked, again])


def test_one_that_leaves_in_the_middle_of_answers(stubs: Stubs) -> None:
    stubs.full()
    asked = stubs.ask(DOOR, 4, 300)
    assert all_at(asked, 20)
    stubs.stop(stubs.helper(DOOR).name)
    stubs.check(asked)
    assert max(one.gap for one in asked) < 3


def test_a_request_that_kills_every_node_it_meets(stubs: Stubs) -> None:
    """Two others are left, and the one that was asked: it stays out of it."""
    assert len(stubs.living) == 3
    asked = stubs[DOOR].ask(stubs.prompt() + " deadly")
    stubs.check([asked], errors=True)
    assert asked.end == "error"
    assert stubs.living == [stubs[DOOR]]
    assert stubs[DOOR].ask(stubs.prompt(), 10).wait().end == "whole"

"""The number of threads follows what steps really take."""

import random
from collections.abc import Callable

from localswarm.engines.llama_cpp.threads import Threads


def settle(threads: Threads, tokens: int, seconds: Callable[[int], float], steps: int = 2000) -> list[int]:
    """Drive it with a machine that takes so long with so many threads; the thread counts of the last steps."""
    noise = random.Random(1)
    chosen = []
    for _ in range(steps):
        count = threads.choose(tokens)
        threads.learn(tokens, seconds(count) * tokens * noise.uniform(0.97, 1.03))
        chosen.append(count)
    return chosen[-400:]


def most_often(chosen: list[int]) -> int:
    return max(set(chosen), key=chosen.count)


def test_more_threads_are_taken_where_they_help() -> None:
    assert most_often(settle(Threads(8), 1, lambda count: 1 / count)) == 8


def test_a_busy_neighbour_makes_it_take_fewer_and_its_end_more_again() -> None:
    threads = Threads(2)
    assert most_often(settle(threads, 8, lambda count: 1 / count)) == 2
    assert most_often(settle(threads, 8, lambda count: 1.0 if count == 1 else 3.0)) == 1
    assert most_often(settle(threads, 8, lambda count: 1 / count)) == 2


def test_noise_does_not_move_it() -> None:
    chosen = settle(Threads(8), 8, lambda _: 1.0)
    assert chosen.count(8) > 0.9 * len(chosen)


def test_trials_are_rare() -> None:
    chosen = settle(Threads(8), 1, lambda count: abs(count - 6) + 1.0)
    assert chosen.count(6) > 0.9 * len(chosen)


def test_steps_of_different_sizes_learn_apart() -> None:
    threads = Threads(4)
    settle(threads, 1, lambda count: float(count))
    settle(threads, 8, lambda count: 1 / count)
    assert (threads.choose(1), threads.choose(8), threads.choose(512)) == (1, 4, 4)


def test_one_core_is_one_thread() -> None:
    assert set(settle(Threads(1), 1, lambda _: 1.0)) == {1}


def test_a_machine_that_gets_busy_is_noticed_within_a_few_steps() -> None:
    threads = Threads(2)
    settle(threads, 8, lambda count: 1 / count)
    assert 1 in settle(threads, 8, lambda count: 1.0 if count == 1 else 10.0, steps=6)

"""The cached prefixes, with lists of tokens as their states."""

import random

from localswarm.engines.mlx.prefixes import PIECE, Prefixes


def tree() -> Prefixes[list[int]]:
    return Prefixes(lambda state, begin, end: state[begin:end])


def put(prefixes: Prefixes[list[int]], tokens: list[int]) -> None:
    prefixes.put(tokens, lambda begin, end: tokens[begin:end])


def taken(prefixes: Prefixes[list[int]], tokens: list[int]) -> list[int]:
    return [token for state in prefixes.take(tokens) for token in state]


def test_what_was_put_is_found_from_its_beginning() -> None:
    prefixes = tree()
    put(prefixes, [1, 2, 3, 4])
    assert (prefixes.longest([1, 2, 9]), taken(prefixes, [1, 2, 9])) == (2, [1, 2])
    assert (prefixes.longest([9]), taken(prefixes, [9])) == (0, [])


def test_a_common_beginning_is_kept_once() -> None:
    prefixes = tree()
    put(prefixes, [1, 2, 3, 4])
    put(prefixes, [1, 2, 5])
    put(prefixes, [1, 2])
    assert prefixes.tokens == 5
    assert taken(prefixes, [1, 2, 3, 4, 5]) == [1, 2, 3, 4]
    assert taken(prefixes, [1, 2, 5, 6]) == [1, 2, 5]


def test_only_what_is_new_is_asked_for() -> None:
    prefixes, asked = tree(), []
    put(prefixes, [1, 2, 3])

    def state_of(begin: int, end: int) -> list[int]:
        asked.append((begin, end))
        return [1, 2, 3, 4, 5][begin:end]

    prefixes.put([1, 2, 3, 4, 5], state_of)
    assert asked == [(3, 5)]


def test_the_end_of_what_was_used_longest_ago_goes_first() -> None:
    prefixes = tree()
    old, new = [0, *range(10, 10 + 2 * PIECE)], [0, *range(5000, 5000 + PIECE)]
    put(prefixes, old)
    put(prefixes, new)
    assert prefixes.shrink()
    assert prefixes.longest(new) == len(new)
    assert 0 < prefixes.longest(old) < len(old)
    while prefixes.shrink():
        pass
    assert (prefixes.tokens, prefixes.longest(new)) == (0, 0)


def test_any_order_of_puts_and_losses_keeps_the_count_and_the_states() -> None:
    chance = random.Random(1)
    prefixes = tree()
    for _ in range(600):
        tokens = [chance.randrange(3) for _ in range(chance.randrange(1, 12))]
        put(prefixes, tokens)
        assert taken(prefixes, tokens) == tokens
        if chance.random() < 0.4:
            prefixes.shrink()
        assert prefixes.tokens == sum(len(node.tokens) for node in prefixes._nodes())

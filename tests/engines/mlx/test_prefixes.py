"""The cached prefixes, with lists of tokens as their states."""

import random

from localswarm.engines.mlx.prefixes import PIECE, Prefixes


def tree() -> Prefixes[list[int], str]:
    return Prefixes(lambda state, begin, end: state[begin:end])


def put(prefixes: Prefixes[list[int], str], tokens: list[int]) -> None:
    prefixes.put(tokens, lambda begin, end: tokens[begin:end])


def taken(prefixes: Prefixes[list[int], str], tokens: list[int]) -> list[int]:
    return [token for state in prefixes.take(tokens).states for token in state]


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


def marked() -> Prefixes[list[int], str]:
    """Tokens 1 to 6, with snapshots behind the second and the fifth."""
    prefixes: Prefixes[list[int], str] = Prefixes(lambda state, begin, end: state[begin:end], by_snapshot=True)
    put(prefixes, [1, 2, 3, 4, 5, 6])
    prefixes.mark([1, 2, 3, 4, 5], "five")
    prefixes.mark([1, 2], "two")
    return prefixes


def test_by_snapshot_a_beginning_is_of_use_up_to_one() -> None:
    prefixes = marked()
    assert (prefixes.known([1, 2, 3, 4, 9]), prefixes.longest([1, 2, 3, 4, 9])) == (4, 2)
    found = prefixes.take([1, 2, 3, 4, 9])
    assert (found.length, found.states, found.snapshot) == (2, [[1, 2]], "two")
    assert prefixes.take([1, 2, 3, 4, 5, 6, 7]).snapshot == "five"
    assert (prefixes.take([1]).length, prefixes.take([1]).snapshot) == (0, None)


def test_a_snapshot_stays_where_it_was_when_others_part_before_it() -> None:
    prefixes = marked()
    put(prefixes, [1, 2, 3, 7])
    found = prefixes.take([1, 2, 3, 4, 5])
    assert (found.length, found.snapshot, prefixes.snapshots) == (5, "five", 2)
    assert prefixes.longest([1, 2, 3, 7]) == 2


def test_the_snapshot_that_was_taken_longest_ago_goes_first_and_the_end_stays() -> None:
    prefixes = marked()
    prefixes.take([1, 2, 3, 4, 5, 6])
    assert prefixes.shrink() and prefixes.snapshots == 1
    assert (prefixes.longest([1, 2, 3]), prefixes.longest([1, 2, 3, 4, 5, 6])) == (0, 5)
    while prefixes.shrink():
        pass
    assert (prefixes.tokens, prefixes.snapshots) == (0, 0)

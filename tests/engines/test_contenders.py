"""The few tokens that the sampler looks at are those that it would have chosen among."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given
from localswarm.engines.contenders import allowed_among, strongest

SIZES = st.sampled_from([5, 64, 200, 5000])


def logits(size: int, seed: int, holes: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    random = np.random.default_rng(seed)
    row = random.normal(0, 3, size).astype(np.float32)
    row[random.random(size) < holes] = -np.inf
    return row


@given(SIZES, st.integers(0, 50), st.sampled_from([0, 1, 2, 40, 500]), st.sampled_from([0.0, 0.5, 0.999]))
def test_the_strongest_are_among_them(size: int, seed: int, top: int, holes: float) -> None:
    row = logits(size, seed, holes)
    found = set(strongest(row, top).tolist())
    best = np.sort(row)[::-1][: top or size]
    best = best[np.isfinite(best)]
    assert np.array_equal(np.sort(row[sorted(found)])[::-1][: len(best)], best)


@given(SIZES, st.integers(0, 50), st.sampled_from([0, 1, 2, 40]), st.sampled_from([0.001, 0.1, 0.5, 0.99]))
def test_only_what_is_allowed_and_the_strongest_of_it(size: int, seed: int, top: int, part: float) -> None:
    row = logits(size, seed, 0.0)
    allowed = np.random.default_rng(seed + 1).random(size) < part
    found = allowed_among(row, np.packbits(allowed, bitorder="little"), top)
    assert allowed[found].all()
    best = np.sort(row[allowed])[::-1][: top or size]
    assert np.array_equal(np.sort(row[found])[::-1][: len(best)], best)

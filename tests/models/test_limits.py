"""What is said of a model that runs with less than its use wants."""

import pytest
from localswarm.models.fit.fit import Wish
from localswarm.models.fit.speed import Speed
from localswarm.models.limits import limits

QUICK, SLOW = Speed(50, 500), Speed(2, 9)


@pytest.mark.parametrize(
    ("context", "trained", "wish", "said"),
    [
        (32768, 32768, Wish(), None),
        (8192, 8192, Wish("chat"), None),
        (8192, 8192, Wish(), "below the 32768 that coding wants: this model was trained for no more."),
        (16384, 131072, Wish(), "below the 32768 that coding wants: there is not enough memory for more."),
        (4096, 131072, Wish("chat"), "below the 8192 that chat wants: there is not enough memory for more."),
        (4096, 131072, Wish(context=4096), "below the 32768 that coding wants: no more was asked for."),
        (16384, 0, Wish(), "there is not enough memory for more."),
        (16384, 8192, Wish(context=16384), "16384 tokens of context are more than the 8192"),
    ],
)
def test_a_short_context_is_told_with_its_reason(context: int, trained: int, wish: Wish, said: str | None) -> None:
    told = list(limits(context, trained, wish, QUICK))
    assert not told if said is None else len(told) == 1 and said in told[0]


def test_slowness_is_told() -> None:
    assert list(limits(32768, 32768, Wish(), SLOW)) == ["This will be slow: about 2.0 tokens/s written, 9 read."]

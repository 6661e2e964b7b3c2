from itertools import permutations

import pytest
from localswarm.swarm.consensus.choice import Option, choose, confidence, enough, score
from localswarm.swarm.consensus.words import heard

WEATHER = {
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"type": "string"}},
    "required": ["city"],
}
SCHEMAS = {"weather": WEATHER, "news": {"properties": {"about": {"type": "string"}}, "required": ["about"]}}
ASKED = "What will the weather be in Rome over the next 3 days?"


def option(city: str, votes: float = 0.2, likelihood: float | None = None, **others: object) -> Option:
    return Option((("weather", {"city": city, **others}),), votes, likelihood)


@pytest.mark.parametrize(
    ("options", "best"),
    [
        # Against the majority: nobody mentioned Paris.
        ([option("Paris", 0.8), option("Rome", 0.2)], 1),
        # What was asked for is left out.
        ([option("Rome"), option("Rome", days=3)], 1),
        # Nobody asked for a unit.
        ([option("Rome", days=3, unit="kelvin"), option("Rome", days=3)], 1),
        # The request supports both the same: the likelier one.
        ([option("Rome", likelihood=-9.0), option("Rome", likelihood=-1.0)], 1),
        # All the same: more votes, then the first.
        ([option("Rome", 0.2), option("Rome", 0.4)], 1),
        ([option("Rome"), option("Rome")], 0),
    ],
)
def test_the_best(options: list[Option], best: int) -> None:
    assert choose(options, SCHEMAS, heard(ASKED)) == best


def test_the_order_does_not_matter() -> None:
    options = [option("Paris", 0.6, -1.0), option("Rome", 0.2, -3.0, days=3), option("Rome", 0.2, -2.0, days=7)]
    winners = {one[choose(one, SCHEMAS, heard(ASKED))].calls[0][1]["days"] for one in map(list, permutations(options))}
    assert winners == {3}


def test_a_value_that_an_earlier_result_told_is_supported() -> None:
    options = [option("Lyon", 0.6), option("Oslo", 0.4)]
    assert choose(options, SCHEMAS, heard("And the weather there?", "Your hotel is in Oslo.")) == 1


def test_calls_that_nobody_asked_for_weigh_against_an_answer() -> None:
    one = Option((("weather", {"city": "Rome", "days": 3}),))
    more = Option((*one.calls, ("weather", {"city": "Rome", "days": 9})))
    assert score(one, SCHEMAS, heard(ASKED)) > score(more, SCHEMAS, heard(ASKED))


def test_a_call_of_an_unknown_tool_is_no_fault() -> None:
    assert choose([Option((("other", {}),)), option("Rome", days=3)], SCHEMAS, heard(ASKED)) == 1


def test_odd_values_are_no_fault() -> None:
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    odd = Option((("weather", {"city": None, "days": 10**400, "unit": 1e308, "deep": deep, "": {"a": {"b": "Rome"}}}),))
    assert choose([odd, option("Rome", days=3)], SCHEMAS, heard("9" * 5000 + " 1e999 days of Rome, 3")) == 1


def test_the_score_says_how_sure_one_may_be() -> None:
    heard_now = heard(ASKED)
    good, bad = option("Rome", likelihood=-0.2, days=3), option("Paris", likelihood=-4.0, days=8)
    assert enough(score(good, SCHEMAS, heard_now)) and not enough(score(bad, SCHEMAS, heard_now))
    assert confidence(score(good, SCHEMAS, heard_now)) > 0.8
    assert confidence(score(bad, SCHEMAS, heard_now)) < 0.2
    assert confidence(-1e9) == pytest.approx(0)

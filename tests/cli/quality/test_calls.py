"""Which calls are right, in the manner of BFCL's own check."""

import pytest
from localswarm.cli.quality.calls import right
from localswarm.cli.quality.question import Call, Truth

AREA: Truth = [{"area": {"base": [10], "height": [5, 5.5], "unit": ["cm", ""]}}]
BOTH: Truth = [{"area": {"base": [10]}}, {"area": {"base": [20]}}]
DEEP: Truth = [{"book": {"who": [{"name": ["Ann"], "age": [7, ""]}], "days": [["Mon", "Tue"]]}}]


@pytest.mark.parametrize(
    ("truth", "said", "fine"),
    [
        (AREA, [("area", {"base": 10, "height": 5})], True),
        (AREA, [("area", {"base": 10.0, "height": 5.5, "unit": "CM."})], True),
        (AREA, [("area", {"base": 10})], False),
        (AREA, [("area", {"base": "10", "height": 5})], False),
        (AREA, [("area", {"base": 10, "height": 5, "more": 1})], False),
        (AREA, [("areas", {"base": 10, "height": 5})], False),
        (AREA, [], False),
        (AREA, [("area", {"base": 10, "height": 5})] * 2, False),
        (BOTH, [("area", {"base": 20}), ("area", {"base": 10})], True),
        (BOTH, [("area", {"base": 10}), ("area", {"base": 10})], False),
        (DEEP, [("book", {"who": {"name": "ann"}, "days": ["mon", "tue"]})], True),
        (DEEP, [("book", {"who": {"name": "Ann", "age": 8}, "days": ["Mon", "Tue"]})], False),
        (DEEP, [("book", {"who": {"age": 7}, "days": ["Mon", "Tue"]})], False),
        (DEEP, [("book", {"who": "Ann", "days": ["Mon", "Tue"]})], False),
        (DEEP, [("book", {"who": {"name": "Ann"}, "days": ["Tue", "Mon"]})], False),
        (DEEP, [("book", {"who": {"name": "Ann"}, "days": ["Mon"]})], False),
        ([{"light": {"on": [True]}}], [("light", {"on": 1})], False),
        ([{"light": {"level": [1]}}], [("light", {"level": True})], False),
        ([{"say": {"what": ["it's 2-day"]}}], [("say", {"what": 'It"s 2day'})], True),
        ([], [], True),
        ([], [("area", {})], False),
    ],
)
def test_right(truth: Truth, said: list[tuple[str, dict[str, object]]], fine: bool) -> None:
    assert right([Call(name, arguments) for name, arguments in said], truth) is fine

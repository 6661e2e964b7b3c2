from typing import Any

import pytest
from localswarm.swarm.consensus.support import Said, is_default, support
from localswarm.swarm.consensus.words import heard

AREA = {
    "type": "object",
    "properties": {
        "base": {"type": "integer", "description": "The base, e.g. 7."},
        "height": {"type": "integer"},
        "unit": {"type": "string", "description": "The unit (default is 'cm')"},
        "exact": {"type": "boolean"},
        "place": {"type": "string", "description": "Such as Berlin"},
    },
    "required": ["base", "height"],
}
REQUEST = "What is the area of a triangle with base 10 and height 5, exactly?"


def of(*calls: dict[str, Any], request: str = REQUEST) -> Any:
    said: list[Said] = [("triangle_area", call) for call in calls]
    return support(said, {"triangle_area": AREA}, heard(request))


def test_all_that_was_said_and_nothing_else() -> None:
    found = of({"base": 10, "height": 5})
    assert (found.made_up, found.extra, found.left_out) == (0, 0, 0)
    assert (found.overused, found.named) == (0, 1)


@pytest.mark.parametrize(
    ("call", "figure", "value"),
    [
        ({"base": 10, "height": 6}, "made_up", 1.0),
        ({"base": 10, "height": 0}, "made_up", 0.5),  # often meant and not said
        ({"base": 10, "height": 6}, "left_out", 0.5),
        ({"base": 10, "height": 5, "place": "Berlin"}, "extra", 1.0),
        ({"base": 10, "height": 5, "place": ""}, "extra", 0.5),
        ({"base": 10, "height": 5, "unit": "cm"}, "extra", 0.0),  # the default
        ({"base": 10, "height": 5, "unit": "miles"}, "extra", 1.0),
        ({"base": 10, "height": 5, "exact": True}, "extra", 0.0),
        ({"base": 10, "height": 5, "exact": False}, "extra", 1.0),
        ({"base": 10, "height": 10}, "overused", 1.0),
        ({"base": 10, "height": 5, "place": "triangle", "unit": "triangle"}, "overused", 1.0),
    ],
)
def test_each_figure(call: dict[str, Any], figure: str, value: float) -> None:
    assert getattr(of(call), figure) == value


def test_calls_beside_each_other_share_values() -> None:
    found = of({"base": 10, "height": 5}, {"base": 10, "height": 3}, request="base 10, and heights 5 and 3")
    assert (found.made_up, found.left_out, found.overused) == (0, 0, 0)


def test_lists_and_objects_are_looked_into() -> None:
    schema = {"properties": {"points": {"type": "array"}, "at": {"type": "object"}}, "required": ["points", "at"]}
    calls: list[Said] = [("plot", {"points": [1, 2, 9], "at": {"city": "Rome"}})]
    found = support(calls, {"plot": schema}, heard("Plot 1 and 2, in Rome"))
    assert found.made_up == pytest.approx(1 / 3)
    assert found.left_out == 0


def test_a_text_that_was_written_is_neither_for_nor_against() -> None:
    found = of({"base": 10, "height": 5, "place": "other words " * 20})
    assert found.extra == 0.5


def test_no_calls_and_odd_schemas_are_no_fault() -> None:
    assert support([], {}, heard(REQUEST)).left_out == 1
    assert support([("other", {"a": 1})], {}, heard("")).extra == 0.5
    assert support([("odd", {"a": 10})], {"odd": {"properties": {"a": True}}}, heard(REQUEST)).extra == 0
    assert support([("odd", {"a": 10})], {"odd": {"properties": None, "required": True}}, heard(REQUEST)).extra == 0


@pytest.mark.parametrize(
    ("value", "described", "is_so"),
    [
        (1.0, {"default": 1}, True),
        (2, {"default": 1}, False),
        ("cm", {"description": "The unit. Defaults to 'cm'."}, True),
        (1, {"description": "How many (default is 10)"}, False),
        (True, {"description": "Default: true"}, True),
        ("cm", {"description": "cm or inch"}, False),
        ([], {"description": "Default is empty"}, False),
    ],
)
def test_defaults_of_the_schema_or_of_its_words(value: Any, described: dict[str, Any], is_so: bool) -> None:
    assert is_default(value, described) is is_so

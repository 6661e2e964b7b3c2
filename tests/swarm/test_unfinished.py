"""JSON that is still being written, ended where it is."""

import json

import pytest
from localswarm.swarm.unfinished import closed

WHOLE = '{"a": {"b": ["x \\" ]", {"c": "\\u00e9}"}, true, -12.5]}, "d": {}}'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "on', {"a": "on"}),
        ('{"a": "{[', {"a": "{["}),
        ('{"a": [{"b": "x"', {"a": [{"b": "x"}]}),
        ('{"a": [[], {}', {"a": [[], {}]}),
        ("{", None),
        ('{"a', None),
        ('{"a": 1', None),
        ('{"a": "x\\', None),
        ('{"a": "x", ', {"a": "x"}),
        ('{"a": [1,', {"a": [1]}),
        ("", None),
    ],
)
def test_closed(text: str, value: object) -> None:
    ended = closed(text)
    assert (ended and json.loads(ended)) == value


def test_every_beginning() -> None:
    """A text that can be ended begins as it did."""
    ended = [closed(WHOLE[:at]) for at in range(len(WHOLE) + 1)]
    assert all(one is None or one.startswith(WHOLE[:at].rstrip(", ")) for at, one in enumerate(ended))
    assert all(one is None or isinstance(json.loads(one), dict) for one in ended)
    assert ended[-1] == WHOLE and sum(one is not None for one in ended) == 24

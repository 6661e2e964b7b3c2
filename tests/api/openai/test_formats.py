"""The form of an answer, from the wire."""

from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.formats import read
from localswarm.chat import ResponseFormat
from localswarm.errors import BadRequest

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, ResponseFormat({})),
        ({"type": "json_object", "schema": SCHEMA}, ResponseFormat(SCHEMA)),
        ({"type": "json_schema", "json_schema": {"schema": SCHEMA}}, ResponseFormat(SCHEMA)),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}},
            ResponseFormat(SCHEMA, "n", True),
        ),
        # As responses write it.
        ({"type": "json_schema", "name": "n", "schema": SCHEMA}, ResponseFormat(SCHEMA, "n")),
    ],
)
def test_each_form(wire: Any, expected: ResponseFormat | None) -> None:
    assert read(Fields({"format": wire}), "format") == expected


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("json", "format"),
        ({}, "format.type"),
        ({"type": "regex"}, "format.type"),
        ({"type": "json_object", "schema": []}, "format.schema"),
        ({"type": "json_schema"}, "format.json_schema"),
        ({"type": "json_schema", "json_schema": []}, "format.json_schema"),
        ({"type": "json_schema", "json_schema": {"name": "n"}}, "format.json_schema.schema"),
        ({"type": "json_schema", "json_schema": {"schema": "x"}}, "format.json_schema.schema"),
        ({"type": "json_schema", "json_schema": {"schema": {}, "name": 5}}, "format.json_schema.name"),
        ({"type": "json_schema", "json_schema": {"schema": {}, "strict": 5}}, "format.json_schema.strict"),
    ],
)
def test_what_is_wrong_is_named(wire: Any, name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(Fields({"format": wire}), "format")
    assert refused.value.param == name

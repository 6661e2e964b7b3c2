"""What a client names by its id is what was kept under it."""

from typing import Any

import pytest
from localswarm.api.fields import Fields
from localswarm.api.openai.responses.references import resolve
from localswarm.errors import BadRequest, NotFound

SAID = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}


def resolved(*items: Any) -> list[Any]:
    return resolve(Fields({"input": list(items)}).listed("input") or [], {"msg_1": SAID}.get)


@pytest.mark.parametrize("reference", [{"type": "item_reference"}, {"type": None}, {}])
def test_a_reference_becomes_the_item(reference: dict[str, Any]) -> None:
    assert resolved({"role": "user", "content": "x"}, reference | {"id": "msg_1"}) == [
        {"role": "user", "content": "x"},
        SAID,
    ]


def test_an_item_that_only_has_an_id_as_well_is_itself() -> None:
    item = {"id": "msg_1", "role": "user", "content": "x"}
    assert resolved(item) == [item]


def test_an_item_that_is_gone_is_named() -> None:
    with pytest.raises(NotFound, match="msg_9") as refused:
        resolved(SAID, {"type": "item_reference", "id": "msg_9"})
    assert (refused.value.status, refused.value.param) == (404, "input[1].id")


def test_an_item_is_named_once() -> None:
    with pytest.raises(BadRequest, match="a second time") as refused:
        resolved({"type": "item_reference", "id": "msg_1"}, SAID, {"id": "msg_1"})
    assert refused.value.param == "input[2].id"


@pytest.mark.parametrize("wrong", [{}, {"id": None}, {"id": 5}, {"id": ["msg_1"]}])
def test_what_is_wrong_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        resolved({"type": "item_reference"} | wrong)
    assert refused.value.param == "input[0].id"

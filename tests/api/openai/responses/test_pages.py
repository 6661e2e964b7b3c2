"""Lists of items, page by page."""

from typing import Any

import pytest
from localswarm.api.openai.responses.pages import page
from localswarm.errors import BadRequest

ITEMS = [{"id": f"item_{at}"} for at in range(5)]


def ids(**query: str) -> list[str]:
    return [item["id"][5:] for item in page(ITEMS, query)["data"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "43210"),
        ({"order": "asc"}, "01234"),
        ({"limit": "2"}, "43"),
        ({"limit": "2", "after": "item_3"}, "21"),
        ({"order": "asc", "after": "item_3"}, "4"),
        ({"after": "item_0"}, ""),
    ],
)
def test_each_page(query: dict[str, str], expected: str) -> None:
    assert "".join(ids(**query)) == expected


def test_the_head_of_a_page() -> None:
    found = page(ITEMS, {"limit": "2"})
    assert (found["first_id"], found["last_id"], found["has_more"]) == ("item_4", "item_3", True)
    assert page(ITEMS, {"limit": "5"})["has_more"] is False
    assert page([], {}) == {"object": "list", "data": [], "first_id": "", "last_id": "", "has_more": False}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "item_9"}, "after"),
    ],
)
def test_what_is_wrong_is_named(query: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        page(ITEMS, query)
    assert refused.value.param == name

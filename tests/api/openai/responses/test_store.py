"""Kept responses: found, forgotten, and never more than there is room for."""

from typing import Any

import pytest
from localswarm.api.openai.responses.call import Call, from_wire
from localswarm.api.openai.responses.store import Store
from localswarm.errors import NotFound


def call(name: str = "resp_1", **fields: Any) -> Call:
    return from_wire({"input": "hello"} | fields, name)


def response(name: str = "resp_1") -> dict[str, Any]:
    return {"id": name, "output": [{"type": "message", "id": "msg_1", "role": "assistant", "content": []}]}


def test_what_was_said_and_what_it_was_the_answer_to() -> None:
    store, before = Store(), [{"role": "user", "content": "before"}]
    store.keep(call(), before, response())
    kept = store.find("resp_1")
    assert kept.response == response()
    assert kept.items == (
        {"id": "item_1_0", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]},
    )
    assert [item.get("role") for item in kept.history] == ["user", "user", "assistant"]


def test_items_keep_their_own_ids_and_forms() -> None:
    store = Store()
    said = {"id": "msg_9", "role": "assistant", "content": "well"}
    made = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    store.keep(call(input=[said, made]), (), response())
    first, second = store.find("resp_1").items
    assert (first["id"], first["content"]) == ("msg_9", [{"type": "output_text", "text": "well"}])
    assert second == made | {"id": "item_1_1"}


def test_nothing_is_kept_that_is_not_wanted() -> None:
    store = Store()
    store.keep(call(store=False), (), response())
    with pytest.raises(NotFound, match="resp_1"):
        store.find("resp_1")


def test_a_deleted_one_is_gone() -> None:
    store = Store()
    store.keep(call(), (), response())
    store.delete("resp_1")
    for look in (store.find, store.delete):
        with pytest.raises(NotFound):
            look("resp_1")


def alive(store: Store, names: list[str]) -> list[str]:
    found = []
    for name in names:
        try:
            found.append(store.find(name).response["id"])
        except NotFound:
            continue
    return found


@pytest.mark.parametrize("store", [Store(most_responses=2), Store(most_characters=400)])
def test_the_oldest_go_first(store: Store) -> None:
    names = [f"resp_{at}" for at in range(4)]
    for name in names:
        store.keep(call(name), (), response(name))
    assert alive(store, names) == names[2:]


def test_what_was_deleted_makes_room() -> None:
    store = Store(most_characters=400)
    store.keep(call("a"), (), response("a"))
    store.keep(call("b"), (), response("b"))
    store.delete("a")
    store.keep(call("c"), (), response("c"))
    assert alive(store, ["a", "b", "c"]) == ["b", "c"]


def test_items_are_found_by_their_own_ids_in_and_out() -> None:
    store = Store()
    store.keep(call(), (), response())
    asked, said = store.item("item_1_0"), store.item("msg_1")
    assert asked and asked["content"] == [{"type": "input_text", "text": "hello"}]
    assert said == response()["output"][0]
    assert store.item("msg_2") is None


def test_an_item_stays_as_long_as_one_response_holds_it() -> None:
    store, said = Store(), response()["output"][0]
    store.keep(call(), (), response())
    store.keep(call("resp_2", input=[said, said]), (), {"id": "resp_2", "output": []})
    store.delete("resp_1")
    assert store.item("item_1_0") is None and store.item("msg_1") == said
    store.delete("resp_2")
    assert store.item("msg_1") is None


def test_the_items_of_the_oldest_go_with_it() -> None:
    store = Store(most_responses=1)
    for name in ("resp_1", "resp_2"):
        store.keep(call(name), (), {"id": name, "output": []})
    assert store.item("item_1_0") is None and store.item("item_2_0")


@pytest.mark.parametrize("odd", [5, None, ["x"], {}])
def test_ids_that_are_no_text_are_no_names(odd: Any) -> None:
    store = Store()
    store.keep(call(input=[{"id": odd, "role": "user", "content": "x"}]), (), response())
    store.delete("resp_1")
    assert store.item("msg_1") is None

"""Embeddings from and to Ollama's wire."""

from typing import Any

import pytest
from localswarm.api.ollama.embed import Call, from_wire, older_from_wire, older_to_wire, to_wire
from localswarm.chat import Embedding
from localswarm.errors import BadRequest


@pytest.mark.parametrize(("given", "texts"), [("a", ("a",)), (["a", "b"], ("a", "b")), ("", ()), ([], ()), (None, ())])
def test_texts(given: Any, texts: tuple[str, ...]) -> None:
    assert from_wire({"model": "m:latest", "input": given, "truncate": True}) == Call("m", "m:latest", texts)


@pytest.mark.parametrize(("given", "cut"), [({}, True), ({"truncate": None}, True), ({"truncate": False}, False)])
def test_whatever_does_not_fit_is_cut_unless_that_is_unwanted(given: dict[str, Any], cut: bool) -> None:
    assert from_wire({"model": "m", "input": "a"} | given).truncate is cut


def test_the_older_form() -> None:
    assert older_from_wire({"model": "m", "prompt": "a"}) == Call("m", "m", ("a",))
    assert older_from_wire({"model": "m"}).texts == ()
    assert older_to_wire([Embedding((0.6, 0.8), 1)]) == {"embedding": [0.6, 0.8]}
    assert older_to_wire([]) == {"embedding": []}


@pytest.mark.parametrize(("dimensions", "vector"), [(None, [0.6, 0.0, 0.8]), (2, [1.0, 0.0]), (9, [0.6, 0.0, 0.8])])
def test_fewer_dimensions_are_one_long_again(dimensions: int | None, vector: list[float]) -> None:
    wire = to_wire(Call("m", "m", ("a",), dimensions), [Embedding((0.6, 0.0, 0.8), 7)], 5)
    assert wire["embeddings"] == [vector]
    assert (wire["prompt_eval_count"], wire["total_duration"]) == (7, 5)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"input": 5}, "input"),
        ({"input": {}}, "input"),
        ({"input": ["a", 5]}, "input[1]"),
        ({"truncate": "yes"}, "truncate"),
        ({"dimensions": 0}, "dimensions"),
        ({"model": None}, "model"),
        ({"keep_alive": []}, "keep_alive"),
    ],
)
def test_a_wrong_type_is_an_error_that_names_the_field(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        from_wire({"model": "m", "input": "a"} | fields)
    assert refused.value.param == name


def test_more_texts_than_can_be_read_are_refused_before_they_are_read() -> None:
    assert len(from_wire({"model": "m", "input": ["a"] * 2048}).texts) == 2048
    with pytest.raises(BadRequest, match="'input' may hold at most 2048 texts, not 150000"):
        from_wire({"model": "m", "input": ["a"] * 150_000})

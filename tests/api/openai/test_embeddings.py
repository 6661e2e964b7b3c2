"""Embeddings: texts in every form, vectors in both."""

import base64
import math
import struct
from typing import Any

import pytest
from localswarm.api.openai.embeddings import Call, from_wire, to_wire
from localswarm.chat import Embedding
from localswarm.errors import BadRequest
from openai.types import CreateEmbeddingResponse

VECTORS = [Embedding((0.6, 0.8, 0.0), 3), Embedding((0.0, 0.6, 0.8), 4)]


def read(**fields: Any) -> Call:
    return from_wire({"input": "x"} | fields)


@pytest.mark.parametrize(
    ("given", "inputs"),
    [("x", ("x",)), (["x", "y"], ("x", "y")), ([1, 2], ((1, 2),)), ([[1], [2]], ((1,), (2,)))],
)
def test_each_form_of_input(given: Any, inputs: tuple[Any, ...]) -> None:
    assert read(input=given) == Call("swarm", inputs, None, False)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["x", ""]}, "input"),
        ({"input": []}, "input"),
        ({"input": {}}, "input"),
        ({"input": [[]]}, "input[0]"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": ["x", None]}, "input[1]"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": "3"}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": 5}, "model"),
        ({"user": 5}, "user"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name


def test_vectors_as_numbers() -> None:
    wire = to_wire(read(), VECTORS)
    CreateEmbeddingResponse.model_validate(wire)
    assert [one["embedding"] for one in wire["data"]] == [[0.6, 0.8, 0.0], [0.0, 0.6, 0.8]]
    assert [one["index"] for one in wire["data"]] == [0, 1]
    assert wire["usage"] == {"prompt_tokens": 7, "total_tokens": 7}


def test_vectors_as_base64() -> None:
    wire = to_wire(read(encoding_format="base64"), VECTORS[:1])
    numbers = struct.unpack("<3f", base64.b64decode(wire["data"][0]["embedding"]))
    assert numbers == pytest.approx((0.6, 0.8, 0.0))


def test_fewer_dimensions_are_one_long_again() -> None:
    vector = to_wire(read(dimensions=2), VECTORS)["data"][1]["embedding"]
    assert vector == [0.0, 1.0] and math.hypot(*vector) == pytest.approx(1)
    assert to_wire(read(dimensions=3), VECTORS)["data"][0]["embedding"] == [0.6, 0.8, 0.0]


def test_a_vector_of_nothing_stays_what_it_is() -> None:
    assert to_wire(read(dimensions=1), VECTORS)["data"][1]["embedding"] == [0.0]


def test_more_dimensions_than_there_are() -> None:
    with pytest.raises(BadRequest, match="at most 3"):
        to_wire(read(dimensions=4), VECTORS)

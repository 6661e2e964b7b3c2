"""The list of models says what clients look for, under the names they look for."""

from dataclasses import replace

from localswarm.api.openai.models import to_wire
from localswarm.swarm.member import Details, Served

SERVED = Served("m", 4096, 8192, 4, 1_700_000_000, ("small",), Details(tool_grade="taught"))


def test_the_context_under_every_name() -> None:
    wire = to_wire(SERVED)
    names = ("context_length", "context_window", "max_model_len", "max_input_tokens", "max_output_tokens")
    assert {wire[name] for name in names} == {4096}
    assert wire["meta"] == {"n_ctx": 4096, "n_ctx_train": 8192}
    assert wire["top_provider"]["context_length"] == 4096
    assert (wire["seats"], wire["notes"], wire["object"]) == (4, ["small"], "model")


def test_a_plain_model() -> None:
    wire = to_wire(SERVED)
    assert wire["capabilities"] == ["completion", "tools", "embedding"]
    assert (wire["supports_tools"], wire["supports_reasoning"], wire["supports_vision"]) == (True, False, False)
    assert wire["tool_grade"] == "taught" and wire["architecture"]["input_modalities"] == ["text"]
    assert "tools" in wire["supported_parameters"] and "reasoning" not in wire["supported_parameters"]


def test_a_model_that_thinks_and_sees() -> None:
    wire = to_wire(replace(SERVED, details=Details(thinks=True, sees=True, embeds=False)))
    assert wire["capabilities"] == ["completion", "tools", "thinking", "vision"]
    assert (wire["supports_reasoning"], wire["supports_vision"], wire["supports_embeddings"]) == (True, True, False)
    assert wire["architecture"]["input_modalities"] == ["text", "image"]
    assert "reasoning" in wire["supported_parameters"]

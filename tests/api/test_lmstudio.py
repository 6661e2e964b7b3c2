"""LM Studio's lists, as opencode polls them: the served context, and tools for every model."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from localswarm.api.lmstudio.models import native_to_wire, older_to_wire
from localswarm.errors import ModelLoading
from localswarm.swarm.member import Details, Served

from ..swarm.scripted import CONTEXT, ScriptedMember
from .serving import served

KNOWN = Details("qwen2", "Q4_K_M", 986_000_000, 1_540_000_000, "chatml", "native", thinks=True, sees=True)
QWEN = Served("qwen:1.5b", 16384, 32768, 4, 1, (), KNOWN)
BARE = Served("other", 4096, 8192, 4, 1)


def test_a_model_in_the_native_form() -> None:
    wire = native_to_wire(QWEN)
    assert (wire["type"], wire["key"], wire["architecture"], wire["format"]) == ("llm", "qwen:1.5b", "qwen2", "gguf")
    assert wire["quantization"] == {"name": "Q4_K_M", "bits_per_weight": 5.1}
    assert (wire["params_string"], wire["size_bytes"]) == ("1.54B", 986_000_000)
    assert wire["loaded_instances"] == [{"id": "qwen:1.5b", "config": {"context_length": 16384, "parallel": 4}}]
    assert wire["max_context_length"] == 16384
    assert wire["capabilities"] == {
        "vision": True,
        "trained_for_tool_use": True,
        "tool_grade": "native",
        "reasoning": {"allowed_options": ["off", "on"], "default": "on"},
    }


def test_what_is_not_known_is_null() -> None:
    wire = native_to_wire(BARE)
    assert (wire["architecture"], wire["quantization"], wire["params_string"]) == (None, None, None)
    assert "reasoning" not in wire["capabilities"] and wire["capabilities"]["trained_for_tool_use"]


def test_a_model_in_the_older_form() -> None:
    wire = older_to_wire(QWEN)
    assert (wire["id"], wire["type"], wire["state"], wire["arch"]) == ("qwen:1.5b", "vlm", "loaded", "qwen2")
    assert (wire["max_context_length"], wire["loaded_context_length"]) == (16384, 16384)
    assert wire["capabilities"] == ["tool_use"]
    assert older_to_wire(replace(QWEN, details=Details()))["type"] == "llm"


def test_the_routes() -> None:
    with served(ScriptedMember()) as base:
        models: Any = httpx.get(f"{base}/api/v1/models", timeout=1).json()["models"]  # opencode waits no longer
        assert [model["key"] for model in models] == ["swarm", "swarm:fast", "swarm:vote", "scripted"]
        assert models[0]["loaded_instances"][0]["config"]["context_length"] == CONTEXT
        older: Any = httpx.get(f"{base}/api/v0/models").json()
        assert [model["id"] for model in older["data"]] == ["swarm", "swarm:fast", "swarm:vote", "scripted"]
        assert httpx.get(f"{base}/api/v0/models/swarm").json() == older["data"][0]
        missing = httpx.get(f"{base}/api/v0/models/other")
        assert missing.status_code == 404 and missing.json()["error"]["code"] == "model_not_found"


class Loading(ScriptedMember):
    def served(self) -> Served:
        raise ModelLoading("The model is being loaded.")


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v0/models"])
def test_while_the_model_loads(path: str) -> None:
    with served(Loading()) as base:
        answer = httpx.get(base + path)
    assert answer.status_code == 503 and answer.json()["error"]["code"] == "model_loading"

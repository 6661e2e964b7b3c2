"""`litellm-config`: what LiteLLM is told of a node."""

import json

from localswarm.cli.litellm_config import as_yaml, entry

MODEL = {"id": "qwen3:8b", "context_length": 16384, "supports_function_calling": True, "supports_reasoning": True}


def test_an_entry() -> None:
    assert entry(MODEL, "http://h:1/v1", keyed=False) == {
        "model_name": "qwen3:8b",
        "litellm_params": {"model": "openai/qwen3:8b", "api_base": "http://h:1/v1", "api_key": "none"},
        "model_info": {
            "mode": "chat",
            "max_input_tokens": 16384,
            "max_output_tokens": 16384,
            "supports_function_calling": True,
            "supports_vision": False,
            "supports_reasoning": True,
        },
    }
    assert entry(MODEL, "u", keyed=True)["litellm_params"]["api_key"] == "os.environ/LOCALSWARM_API_KEY"
    assert "max_input_tokens" not in entry({"id": "m"}, "u", keyed=False)["model_info"]


def test_the_list() -> None:
    listed = [entry(MODEL, "u", keyed=False), entry({"id": 'odd "name": x'}, "u", keyed=False)]
    head, *lines = as_yaml(listed).splitlines()
    assert head == "model_list:" and [json.loads(line.removeprefix("  - ")) for line in lines] == listed

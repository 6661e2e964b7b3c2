"""Print a configuration of LiteLLM that sends its requests to a node: the models that it serves, with their limits."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from ..settings import Settings
from . import connect
from .client import Client

EXAMPLES = """examples:
  python main.py litellm-config > litellm.yaml
  litellm --config litellm.yaml
  python main.py litellm-config --url http://10.0.0.5:17615
"""
SETTINGS = ("host", "port", "state_dir")
# LiteLLM reads the key where it runs: a file with a key in it would be one more secret to keep.
KEY_VARIABLE = "LOCALSWARM_API_KEY"
NO_KEY = "none"  # LiteLLM insists on one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    connect.add_flags(parser)


def run(settings: Settings, words: argparse.Namespace) -> int:
    address = connect.find(settings, words)
    models = Client(address.url, address.key).models()
    print(as_yaml([entry(model, f"{address.url}/v1", bool(address.key)) for model in models]))
    return 0


def as_yaml(listed: Sequence[dict[str, Any]]) -> str:
    """JSON is YAML: each entry on a line of its own."""
    lines = "\n".join(f"  - {json.dumps(entry)}" for entry in listed)
    return f"model_list:\n{lines}"


def entry(model: dict[str, Any], base: str, keyed: bool) -> dict[str, Any]:
    name, context = str(model["id"]), model.get("context_length")
    return {
        "model_name": name,
        "litellm_params": {
            "model": f"openai/{name}",
            "api_base": base,
            "api_key": f"os.environ/{KEY_VARIABLE}" if keyed else NO_KEY,
        },
        "model_info": {
            "mode": "chat",
            **({"max_input_tokens": context, "max_output_tokens": context} if context else {}),
            "supports_function_calling": model.get("supports_function_calling") is True,
            "supports_vision": model.get("supports_vision") is True,
            "supports_reasoning": model.get("supports_reasoning") is True,
        },
    }

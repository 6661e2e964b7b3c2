"""opencode: a file that OPENCODE_CONFIG names, and XDG folders of its own.

Its own provider for OpenAI-compatible servers is built in, so nothing is downloaded.
"""

import json

from .agent import KEY_VARIABLE, NODE, PROVIDER, TITLE, Agent, Folders, Setup, Target


def configure(target: Target, folders: Folders) -> Setup:
    file = folders.scratch / "opencode.json"
    variables = {
        "OPENCODE_CONFIG": str(file),
        KEY_VARIABLE: target.key,
        "OPENCODE_AUTH_CONTENT": "{}",
        "OPENCODE_DISABLE_MODELS_FETCH": "true",
        "XDG_CONFIG_HOME": str(folders.home / "config"),
        "XDG_DATA_HOME": str(folders.home / "data"),
        "XDG_STATE_HOME": str(folders.home / "state"),
    }
    without = ("OPENCODE_CONFIG_CONTENT", "OPENCODE_CONFIG_DIR")
    return Setup(variables, files={file: json.dumps(_configuration(target), indent=2)}, without=without)


def _configuration(target: Target) -> dict[str, object]:
    model = {
        "name": target.model,
        "tool_call": True,
        "limit": {"context": target.context, "output": target.output},
    }
    return {
        "$schema": "https://opencode.ai/config.json",
        "model": f"{PROVIDER}/{target.model}",
        "small_model": f"{PROVIDER}/{target.model}",
        "enabled_providers": [PROVIDER],
        "autoupdate": False,
        "share": "disabled",
        "provider": {
            PROVIDER: {
                "npm": "@ai-sdk/openai-compatible",
                "name": TITLE,
                "options": {"baseURL": target.v1, "apiKey": f"{{env:{KEY_VARIABLE}}}"},
                "models": {target.model: model},
            }
        },
    }


AGENT = Agent("opencode", "opencode", "npm install -g opencode-ai", NODE, 16_384, configure)

"""qwen-code: the settings file of the system's place, which wins over all others, and a QWEN_HOME of its own."""

import json

from .agent import KEY_VARIABLE, TITLE, Agent, Folders, Setup, Target


def configure(target: Target, folders: Folders) -> Setup:
    file = folders.scratch / "settings.json"
    variables = {
        "QWEN_CODE_SYSTEM_SETTINGS_PATH": str(file),
        "QWEN_HOME": str(folders.home),
        KEY_VARIABLE: target.key,
        # Without these two it asks how to sign in.
        "OPENAI_API_KEY": target.key,
        "OPENAI_BASE_URL": target.v1,
        "OPENAI_MODEL": target.model,
    }
    return Setup(variables, files={file: json.dumps(_configuration(target), indent=2)}, without=("QWEN_MODEL",))


def _configuration(target: Target) -> dict[str, object]:
    model = {
        "id": target.model,
        "name": f"{target.model} ({TITLE})",
        "baseUrl": target.v1,
        "envKey": KEY_VARIABLE,
        "generationConfig": {
            "contextWindowSize": target.context,
            "samplingParams": {"max_tokens": target.output},
        },
    }
    return {
        "security": {"auth": {"selectedType": "openai"}},
        "model": {"name": target.model},
        "modelProviders": {"openai": [model]},
        "general": {"enableAutoUpdate": False},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        # After each turn it would read the whole conversation once more to take notes.
        "memory": {"enableManagedAutoMemory": False, "enableManagedAutoDream": False},
        # Its usual mode asks the model whether a call is safe, and a small one does not know.
        "tools": {"approvalMode": "default"},
    }


AGENT = Agent("qwen", "qwen", "npm install -g @qwen-code/qwen-code", "Node.js 22 or newer", 32_768, configure)

"""aider: one configuration file, which then is the only one that it reads. It calls no tools. What it notes of its own
installation goes to `~/.aider` all the same."""

import json

from .agent import Agent, Folders, Setup, Target


def configure(target: Target, folders: Folders) -> Setup:
    model = f"openai/{target.model}"
    limits = {
        "max_input_tokens": target.context,
        "max_output_tokens": target.output,
        "max_tokens": target.output,
        "input_cost_per_token": 0,
        "output_cost_per_token": 0,
        "litellm_provider": "openai",
        "mode": "chat",
    }
    metadata, file = folders.scratch / "model.json", folders.scratch / "aider.conf.yml"
    settings = {
        "model-metadata-file": str(metadata),
        "check-update": False,
        "show-release-notes": False,
        # Not `analytics-disable`: it would write that down in the user's home for good.
        "analytics": False,
        "show-model-warnings": False,
    }
    # A `.env` of the project, and variables of the user, win over the file, but not over these.
    words = [word for role in ("--model", "--weak-model", "--editor-model") for word in (role, model)]
    arguments = ("--config", str(file), *words, "--openai-api-base", target.v1)
    # YAML reads JSON.
    files = {metadata: json.dumps({model: limits}, indent=2), file: json.dumps(settings, indent=2)}
    return Setup({"AIDER_OPENAI_API_KEY": target.key}, arguments, files)


AGENT = Agent("aider", "aider", "python -m pip install aider-install && aider-install", "Python", 8_192, configure)

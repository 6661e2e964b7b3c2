"""codex: its settings on the command line, and a CODEX_HOME of its own."""

import json

from .agent import KEY_VARIABLE, NODE, PROVIDER, TITLE, Agent, Folders, Setup, Target


def configure(target: Target, folders: Folders) -> Setup:
    settings: dict[str, str | int | bool] = {
        "model": target.model,
        "model_provider": PROVIDER,
        f"model_providers.{PROVIDER}.name": TITLE,
        f"model_providers.{PROVIDER}.base_url": target.v1,
        f"model_providers.{PROVIDER}.env_key": KEY_VARIABLE,
        f"model_providers.{PROVIDER}.wire_api": "responses",
        "model_context_window": target.context,
        "web_search": "disabled",
        "check_for_update_on_startup": False,
        "analytics.enabled": False,
    }
    # A word of JSON is one of TOML too.
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={json.dumps(value)}")]
    return Setup({"CODEX_HOME": str(folders.home), KEY_VARIABLE: target.key}, tuple(words))


AGENT = Agent("codex", "codex", "npm install -g @openai/codex", NODE, 32_768, configure)

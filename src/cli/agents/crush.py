"""crush: a crush.json in a folder that CRUSH_GLOBAL_CONFIG names. After its documentation; never run here."""

import json

from .agent import KEY_VARIABLE, NODE, PROVIDER, TITLE, Agent, Folders, Setup, Target


def configure(target: Target, folders: Folders) -> Setup:
    variables = {
        "CRUSH_GLOBAL_CONFIG": str(folders.scratch),
        "CRUSH_GLOBAL_DATA": str(folders.home),
        "CRUSH_DISABLE_METRICS": "1",
        "CRUSH_DISABLE_PROVIDER_AUTO_UPDATE": "1",
        KEY_VARIABLE: target.key,
    }
    return Setup(variables, files={folders.scratch / "crush.json": json.dumps(_configuration(target), indent=2)})


def _configuration(target: Target) -> dict[str, object]:
    chosen = {"model": target.model, "provider": PROVIDER}
    model = {
        "id": target.model,
        "name": target.model,
        "context_window": target.context,
        "default_max_tokens": target.output,
    }
    return {
        "$schema": "https://charm.land/crush.json",
        "models": {"large": chosen, "small": chosen},
        "options": {"disable_metrics": True, "disable_provider_auto_update": True, "disable_default_providers": True},
        "providers": {
            PROVIDER: {
                "name": TITLE,
                "type": "openai-compat",
                "base_url": target.v1,
                "api_key": f"${KEY_VARIABLE}",
                "models": [model],
            }
        },
    }


AGENT = Agent("crush", "crush", "npm install -g @charmland/crush", NODE, 32_768, configure)

"""crush: a crush.json in a folder that CRUSH_GLOBAL_CONFIG names. After its documentation and its schema; never run
here: its installer downloads a program from elsewhere."""

import json

from .agent import KEY_VARIABLE, NODE, PROVIDER, TITLE, Agent, Folders, Setup, Target

# Without them its schema refuses a model.
COSTS = ("cost_per_1m_in", "cost_per_1m_out", "cost_per_1m_in_cached", "cost_per_1m_out_cached")


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
        "can_reason": False,
        "supports_attachments": False,
        **dict.fromkeys(COSTS, 0),
    }
    return {
        "$schema": "https://charm.land/crush.json",
        "models": {"large": chosen, "small": chosen},
        "options": {
            "disable_metrics": True,
            "disable_provider_auto_update": True,
            "disable_default_providers": True,
            # Otherwise it gives up after a minute without a word, and a long prompt may have to be read first.
            "request_timeout": 0,
        },
        "providers": {
            PROVIDER: {
                "name": TITLE,
                "type": "openai-compat",
                "base_url": target.v1,
                "api_key": f"${KEY_VARIABLE}",
                "models": [model],
                "discover_models": False,
            }
        },
    }


AGENT = Agent("crush", "crush", "npm install -g @charmland/crush", NODE, 32_768, configure)

"""codex: its settings on the command line, a catalogue of models with ours alone in it, and a CODEX_HOME of its own.

Of a model that is in no catalogue codex warns that it guesses, and guesses the largest of contexts. An entry has to say
what the model is told as well: codex has no words for models that are not OpenAI's.
"""

import json

from .agent import KEY_VARIABLE, NODE, PROVIDER, TITLE, Agent, Folders, Setup, Target

# Of a tool's output the model is shown so much; a small context must hold several of them.
MOST_BYTES = 10_000


def configure(target: Target, folders: Folders) -> Setup:
    catalogue = folders.scratch / "models.json"
    settings: dict[str, str | int | bool] = {
        "model": target.model,
        "model_provider": PROVIDER,
        "model_catalog_json": str(catalogue),
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
    files = {catalogue: json.dumps({"models": [_model(target)]}, indent=2)}
    return Setup({"CODEX_HOME": str(folders.home), KEY_VARIABLE: target.key}, tuple(words), files)


def _model(target: Target) -> dict[str, object]:
    """Some of it only older versions ask for."""
    return {
        "slug": target.model,
        "display_name": f"{target.model} ({TITLE})",
        "description": None,
        "base_instructions": target.instructions,
        "context_window": target.context,
        "max_context_window": target.context,
        "auto_compact_token_limit": target.context - target.output,
        "truncation_policy": {"mode": "bytes", "limit": MOST_BYTES},
        "input_modalities": ["text"],
        "shell_type": "unified_exec",
        # Its grammar is enforced while the model writes.
        "apply_patch_tool_type": "freeform",
        "supports_parallel_tool_calls": True,
        "experimental_supported_tools": [],
        "supported_reasoning_levels": [],
        "supports_reasoning_summaries": False,
        "support_verbosity": False,
        "visibility": "list",
        "supported_in_api": True,
        "priority": 0,
        "upgrade": None,
    }


AGENT = Agent(
    "codex", "codex", "npm install -g @openai/codex", NODE, 32_768, configure, instructions="codex_instructions.txt"
)

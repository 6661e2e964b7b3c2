"""codex' settings; tests/agents runs the real one with them."""

import json
import tomllib
from dataclasses import replace

from localswarm.cli.agents.codex import AGENT, configure
from localswarm.node.config import config_folder

from .targets import FOLDERS, TARGET


def test_its_settings() -> None:
    setup = configure(TARGET, FOLDERS)
    assert set(setup.arguments[::2]) == {"-c"}
    said = tomllib.loads("\n".join(setup.arguments[1::2]))
    assert said["model"] == "qwen3:8b:q4_k_m" and said["model_context_window"] == 40_960
    assert said["model_providers"][said["model_provider"]] == {
        "name": "Local Swarm",
        "base_url": "http://10.0.0.7:17615/v1",
        "env_key": "LOCALSWARM_AGENT_KEY",
        "wire_api": "responses",
    }
    assert setup.variables == {"CODEX_HOME": str(FOLDERS.home), "LOCALSWARM_AGENT_KEY": "hush"}


def test_its_catalogue_of_models() -> None:
    setup = configure(replace(TARGET, instructions="Work."), FOLDERS)
    file = FOLDERS.scratch / "models.json"
    said = tomllib.loads("\n".join(setup.arguments[1::2]))
    assert said["model_catalog_json"] == str(file)
    (model,) = json.loads(setup.files[file])["models"]
    assert (model["slug"], model["base_instructions"]) == (TARGET.model, "Work.")
    assert (model["context_window"], model["auto_compact_token_limit"]) == (40_960, 30_720)


def test_what_the_model_is_told_is_a_text_of_ours() -> None:
    text = (config_folder() / "prompts" / AGENT.instructions).read_text("utf-8")
    assert "*** Begin Patch" in text and len(text) < 3_000

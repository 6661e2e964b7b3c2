"""crush' file, as its documentation describes it: it cannot be installed where these tests run."""

import json

from localswarm.cli.agents.crush import configure

from .targets import FOLDERS, TARGET


def test_its_file() -> None:
    setup = configure(TARGET, FOLDERS)
    said = json.loads(setup.files[FOLDERS.scratch / "crush.json"])
    assert setup.variables["CRUSH_GLOBAL_CONFIG"] == str(FOLDERS.scratch), "a folder, not the file"
    provider = said["providers"]["localswarm"]
    assert (provider["type"], provider["base_url"]) == ("openai-compat", "http://10.0.0.7:17615/v1")
    assert provider["api_key"] == "$LOCALSWARM_AGENT_KEY" and setup.variables["LOCALSWARM_AGENT_KEY"] == "hush"
    (model,) = provider["models"]
    assert model["cost_per_1m_in"] == 0 and model["can_reason"] is False, "its schema asks for them"
    assert said["options"]["request_timeout"] == 0, "a long prompt may take more than its minute"
    assert (model["context_window"], model["default_max_tokens"]) == (40_960, 10_240)
    assert said["models"]["large"] == said["models"]["small"] == {"model": model["id"], "provider": "localswarm"}

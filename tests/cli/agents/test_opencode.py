"""opencode's file; tests/agents runs the real one with it."""

import json

from localswarm.cli.agents.opencode import configure

from .targets import FOLDERS, TARGET


def test_its_file() -> None:
    setup = configure(TARGET, FOLDERS)
    (file,) = setup.files
    said = json.loads(setup.files[file])
    assert setup.variables["OPENCODE_CONFIG"] == str(file) and setup.arguments == ()
    assert said["model"] == said["small_model"] == "localswarm/qwen3:8b:q4_k_m"
    provider = said["provider"]["localswarm"]
    assert provider["npm"] == "@ai-sdk/openai-compatible", "it is built in: nothing is downloaded for it"
    assert provider["options"] == {"baseURL": "http://10.0.0.7:17615/v1", "apiKey": "{env:LOCALSWARM_AGENT_KEY}"}
    model = provider["models"]["qwen3:8b:q4_k_m"]
    assert model["limit"] == {"context": 40_960, "output": 10_240} and model["tool_call"] is True
    assert setup.variables["LOCALSWARM_AGENT_KEY"] == "hush"


def test_the_users_own_is_neither_read_nor_changed() -> None:
    setup = configure(TARGET, FOLDERS)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        assert setup.variables[name].startswith(str(FOLDERS.home))
    assert "OPENCODE_CONFIG_CONTENT" in setup.without, "it would win over our file"

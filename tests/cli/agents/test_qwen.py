"""qwen-code's settings; tests/agents runs the real one with them."""

import json

from localswarm.cli.agents.qwen import configure

from .targets import FOLDERS, TARGET


def test_its_settings() -> None:
    setup = configure(TARGET, FOLDERS)
    said = json.loads(setup.files[FOLDERS.scratch / "settings.json"])
    (model,) = said["modelProviders"]["openai"]
    assert said["security"]["auth"]["selectedType"] == "openai" and said["model"]["name"] == model["id"]
    assert model["baseUrl"] == "http://10.0.0.7:17615/v1" and model["envKey"] == "LOCALSWARM_AGENT_KEY"
    assert model["generationConfig"]["contextWindowSize"] == 40_960
    assert model["generationConfig"]["samplingParams"] == {"max_tokens": 10_240}


def test_it_asks_the_model_for_nothing_but_the_users_work() -> None:
    said = json.loads(configure(TARGET, FOLDERS).files[FOLDERS.scratch / "settings.json"])
    assert not any(said["memory"].values()) and said["tools"]["approvalMode"] == "default"


def test_its_own_home() -> None:
    variables = configure(TARGET, FOLDERS).variables
    assert variables["QWEN_HOME"] == str(FOLDERS.home)
    assert variables["QWEN_CODE_SYSTEM_SETTINGS_PATH"] == str(FOLDERS.scratch / "settings.json")

"""cline's files; tests/agents runs the real one with them."""

import json

from localswarm.cli.agents.cline import configure

from .targets import FOLDERS, TARGET


def test_its_files() -> None:
    setup = configure(TARGET, FOLDERS)
    data = FOLDERS.scratch / "data"
    assert setup.arguments == ("--data-dir", str(data))
    said = {file.name: json.loads(text) for file, text in setup.files.items()}
    provider = said["providers.json"]["providers"][said["providers.json"]["lastUsedProvider"]]["settings"]
    assert (provider["baseUrl"], provider["model"]) == ("http://10.0.0.7:17615/v1", "qwen3:8b:q4_k_m")
    model = said["models.json"]["providers"]["openai-compatible"]["models"]["qwen3:8b:q4_k_m"]
    assert (model["contextWindow"], model["maxTokens"]) == (40_960, 10_240)

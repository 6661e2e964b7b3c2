"""aider's files, as its documentation describes them."""

import json

from localswarm.cli.agents.aider import configure

from .targets import FOLDERS, TARGET


def test_its_files() -> None:
    setup = configure(TARGET, FOLDERS)
    words = dict(zip(setup.arguments[::2], setup.arguments[1::2], strict=True))
    assert words["--config"] == str(FOLDERS.scratch / "aider.conf.yml")
    assert words["--model"] == words["--weak-model"] == "openai/qwen3:8b:q4_k_m"
    assert words["--openai-api-base"] == "http://10.0.0.7:17615/v1"
    assert setup.variables == {"AIDER_OPENAI_API_KEY": "hush"}
    said = {file.name: json.loads(text) for file, text in setup.files.items()}
    assert said["aider.conf.yml"]["model-metadata-file"] == str(FOLDERS.scratch / "model.json")
    assert said["model.json"][words["--model"]]["max_input_tokens"] == 40_960

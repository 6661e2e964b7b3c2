"""`config`: what is in force, and from where."""

import json
from pathlib import Path

from .command import run


def test_json(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('context = 4096\napi_key = "hush"\n')
    file.chmod(0o600)
    said = run("config", "--json", "--config", str(file), "--port", "5", LOCALSWARM_THREADS="3")
    found = json.loads(said.stdout)
    assert found["file"] == str(file) and found["file_found"] and found["state_dir"].endswith("localswarm")
    assert found["settings"]["context"] == {"value": 4096, "from": f"file {file}"}
    assert found["settings"]["threads"] == {"value": 3, "from": "variable LOCALSWARM_THREADS"}
    assert found["settings"]["port"] == {"value": 5, "from": "flag --port"}
    assert found["settings"]["kv"] == {"value": "auto", "from": "default"}
    assert found["settings"]["api_key"]["value"] == "********"
    assert "hush" not in said.stdout + said.stderr


def test_variables_of_other_programs() -> None:
    said = run("config", "--json", HF_TOKEN="hf_hush", HF_HOME="/models", CUDA_VISIBLE_DEVICES="")
    found = json.loads(said.stdout)["variables"]
    assert found.items() >= {"HF_HOME": "/models", "HF_TOKEN": "********", "CUDA_VISIBLE_DEVICES": ""}.items()
    assert "HOME" not in found and "hf_hush" not in said.stdout
    text = run("config", HF_TOKEN="hf_hush", HF_HOME="/models").stdout
    assert ["HF_HOME", "/models", "variable", "HF_HOME"] in map(str.split, text.splitlines())
    assert "hf_hush" not in text


def test_text() -> None:
    lines = run("config", "--no-auto", LOCALSWARM_API_KEY="hush").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line}
    assert rows["auto"].split() == ["auto", "no", "flag", "--no-auto"]
    assert "(as memory and use want)" in rows["context"] and rows["context"].endswith("default")
    assert "********" in rows["api_key"]
    assert lines[-2].startswith("settings file") and "there is none" in lines[-2]

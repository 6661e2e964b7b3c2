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


def test_text() -> None:
    lines = run("config", "--no-auto", LOCALSWARM_API_KEY="hush").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line}
    assert rows["auto"].split() == ["auto", "no", "flag", "--no-auto"]
    assert "(as memory and use want)" in rows["context"] and rows["context"].endswith("default")
    assert "********" in rows["api_key"]
    assert lines[-2].startswith("settings file") and "there is none" in lines[-2]

"""The table of what fits this machine."""

import json
from pathlib import Path

from .command import run


def test_the_table(tmp_path: Path) -> None:
    said = run("models", "--state-dir", str(tmp_path)).stdout
    assert "GiB of memory" in said and "qwen2.5-coder:1.5b:" in said and "smollm2:135m:" in said
    assert "needs" in said and "python main.py --model NAME" in said


def test_every_refusal_has_its_reason(tmp_path: Path) -> None:
    rows = json.loads(run("models", "--json", "--state-dir", str(tmp_path)).stdout)
    assert {row["model"] for row in rows} >= {"smollm2:135m:q4_1", "gpt-oss:120b:mxfp4"}
    assert {row["format"] for row in rows} == {"gguf"}
    for row in rows:
        assert row["refusal"] or (row["fits"] and row["need_bytes"] <= row["room_bytes"])


def test_a_context_changes_the_need(tmp_path: Path) -> None:
    def need(context: str) -> int:
        said = run("models", "qwen2.5-coder:7b:q4_k_m", "--json", "--context", context, "--state-dir", str(tmp_path))
        return int(json.loads(said.stdout)[0]["need_bytes"])

    assert need("4096") < need("32768")


def test_an_unknown_name(tmp_path: Path) -> None:
    done = run("models", "nothing-like-it", "--state-dir", str(tmp_path))
    assert done.returncode == 1 and "No model of the catalogue" in done.stderr
    done = run("models", "qwen2.5-codr:7b", "--json", "--state-dir", str(tmp_path))
    assert done.returncode == 1 and "Did you mean: python main.py models qwen2.5-coder\n" in done.stderr

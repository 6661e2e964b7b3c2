"""The command line of `vllm serve`."""

from dataclasses import replace
from typing import Any

import pytest
from localswarm.engines.vllm.command import Wish, forbidden, share, variables, words
from localswarm.engines.vllm.parsers import Parsers

GIB = 2**30
WISH = Wish("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", Parsers("hermes", "qwen3"))


def line(**more: Any) -> str:
    return " ".join(words("vllm", replace(WISH, **more), 8123))


def test_what_is_always_said() -> None:
    said = line()
    assert said.startswith("vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --port 8123 --served-model-name Qwen/Qwen3-8B ")
    assert "--enable-auto-tool-choice --tool-call-parser hermes --reasoning-parser qwen3" in said
    assert "--enable-prefix-caching" in said
    assert "--max-model-len" not in said and "--gpu-memory-utilization" not in said and "api-key" not in said


def test_what_is_said_where_it_is_wished() -> None:
    said = line(context=8192, seats=4, folder="/models", share=0.55)
    for words_of_it in ("--max-model-len 8192", "--max-num-seqs 4", "--download-dir /models"):
        assert words_of_it in said
    assert "--gpu-memory-utilization 0.55" in said


def test_a_family_without_calls() -> None:
    assert "tool" not in line(parsers=Parsers("", "deepseek_r1"))


@pytest.mark.parametrize(
    ("more", "gone"),
    [
        (("--tool-call-parser", "pythonic"), "hermes"),
        (("--tool_call_parser=pythonic",), "hermes"),
        (("--reasoning-parser", "deepseek_r1"), "qwen3 "),
        (("--no-enable-prefix-caching",), " --enable-prefix-caching"),
        (("--no-enable-auto-tool-choice",), " --enable-auto-tool-choice"),
        (("--max-model-len", "100"), "8192"),
    ],
)
def test_the_users_own_words_take_the_place_of_ours(more: tuple[str, ...], gone: str) -> None:
    said = line(more=more, context=8192)
    assert said.endswith(" ".join(more)) and gone not in said


def test_calls_of_an_unknown_family_are_switched_on_by_the_users_parser() -> None:
    said = line(parsers=Parsers(), more=("--tool-call-parser", "pythonic"))
    assert "--enable-auto-tool-choice" in said and said.count("--tool-call-parser") == 1


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        (("--port", "1"), "--port"),
        (("--served_model_name=x",), "--served-model-name"),
        (("--tensor-parallel-size", "2"), ""),
    ],
)
def test_what_is_not_the_users_to_say(more: tuple[str, ...], flag: str) -> None:
    assert forbidden(more) == flag


def test_the_key_is_a_variable_and_ours_stays_here() -> None:
    own = {"PATH": "/bin", "LOCALSWARM_API_KEY": "ours", "VLLM_API_KEY": "theirs", "HF_TOKEN": "t"}
    found = variables(own, "made", "http://hub", True)
    assert found["VLLM_API_KEY"] == "made" and found["HF_TOKEN"] == "t" and "LOCALSWARM_API_KEY" not in found
    assert found["HF_ENDPOINT"] == "http://hub" and found["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in variables(own, "made", "", False)


@pytest.mark.parametrize(
    ("total", "free", "part"),
    [(24, 24, 0.0), (24, 23, 0.0), (24, 18, 0.73), (24, 0, 0.05), (0, 0, 0.0)],
)
def test_the_share_of_a_gpu_that_others_use_too(total: int, free: int, part: float) -> None:
    assert share(total * GIB, free * GIB) == part

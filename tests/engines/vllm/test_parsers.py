"""The family of a model is told by its name, whoever made it."""

import pytest
from localswarm.engines.vllm.parsers import FAMILIES, Parsers, of


@pytest.mark.parametrize(
    ("model", "tools", "thoughts"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "hermes", ""),
        ("Qwen/Qwen3-8B", "hermes", "qwen3"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8", "hermes", ""),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507", "hermes", "deepseek_r1"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_coder", ""),
        ("cpatonn/Qwen3-Coder-30B-A3B-Instruct-AWQ-4bit", "qwen3_coder", ""),
        ("Qwen/Qwen3.5-35B-A3B", "qwen3_coder", "qwen3"),
        ("Qwen/QwQ-32B", "hermes", "deepseek_r1"),
        ("NousResearch/Hermes-3-Llama-3.1-8B", "hermes", ""),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3_json", ""),
        ("meta-llama/Meta-Llama-3.1-70B-Instruct", "llama3_json", ""),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama4_pythonic", ""),
        ("mistralai/Devstral-Small-2507", "mistral", ""),
        ("mistralai/Magistral-Small-2509", "mistral", "mistral"),
        ("openai/gpt-oss-20b", "openai", "openai_gptoss"),
        ("deepseek-ai/DeepSeek-V3-0324", "deepseek_v3", ""),
        ("deepseek-ai/DeepSeek-V3.1", "deepseek_v31", "deepseek_v3"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek_v3", "deepseek_r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "", "deepseek_r1"),
        ("zai-org/GLM-4.5-Air", "glm45", "glm45"),
        ("zai-org/GLM-4.7-Flash", "glm47", "glm45"),
        ("moonshotai/Kimi-K2-Instruct", "kimi_k2", ""),
        ("ibm-granite/granite-3.1-8b-instruct", "granite", ""),
        ("microsoft/Phi-4-mini-instruct", "phi4_mini_json", ""),
        ("/models/Qwen3_Coder_Next/", "qwen3_coder", ""),
        ("qwen3-lab/unknown-7b", "", ""),
    ],
)
def test_the_name_tells_the_family(model: str, tools: str, thoughts: str) -> None:
    assert of(model) == Parsers(tools, thoughts)


def test_no_family_is_hidden_by_one_before_it() -> None:
    names = {"ministral": "mistral", "glm-5": "glm47", "kimi-k2.5": "kimi_k2", "seed-oss-36b": "seed_oss"}
    assert {of(name).tools for name in names} == set(names.values())
    assert len({family for family, _ in FAMILIES}) == len(FAMILIES)

"""By which of vLLM's parsers the calls and the thoughts of a model are read. Pure: its name tells its family.

The names are those of vLLM's registries. One that an older vLLM does not know yet ends its start with a list of those
that it does know; `--vllm-arguments` says what to take instead.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parsers:
    tools: str = ""  # empty: this model calls none, or not in a form that is known
    thoughts: str = ""


# The first that is found in a name counts: the special before the general.
FAMILIES = (
    ("gpt-oss", Parsers("openai", "openai_gptoss")),
    ("deepseek-r1-distill", Parsers("", "deepseek_r1")),
    ("deepseek-r1-0528-qwen3", Parsers("", "deepseek_r1")),
    ("deepseek-r1", Parsers("deepseek_v3", "deepseek_r1")),
    (r"deepseek-v4", Parsers("deepseek_v4", "deepseek_v4")),
    (r"deepseek-v3\.2", Parsers("deepseek_v32", "deepseek_v3")),
    (r"deepseek-v3\.1", Parsers("deepseek_v31", "deepseek_v3")),
    ("deepseek-v3", Parsers("deepseek_v3")),
    ("hermes", Parsers("hermes")),
    ("xlam", Parsers("xlam")),
    ("toolace", Parsers("pythonic")),
    ("qwen3-coder", Parsers("qwen3_coder")),
    (r"qwen3\.\d", Parsers("qwen3_coder", "qwen3")),
    ("qwen3.*thinking", Parsers("hermes", "deepseek_r1")),
    ("qwen3.*instruct", Parsers("hermes")),
    ("qwen3", Parsers("hermes", "qwen3")),
    ("qwq", Parsers("hermes", "deepseek_r1")),
    (r"qwen-?2", Parsers("hermes")),
    ("smollm3", Parsers("hermes")),
    ("magistral", Parsers("mistral", "mistral")),
    ("mistral|mixtral|ministral|devstral|codestral", Parsers("mistral")),
    ("llama-?4", Parsers("llama4_pythonic")),
    (r"llama-?3[.-][123]", Parsers("llama3_json")),
    (r"glm-?(?:4\.7|5)", Parsers("glm47", "glm45")),
    (r"glm-?4\.[56]", Parsers("glm45", "glm45")),
    (r"kimi-k2(?:\.\d|.*thinking)", Parsers("kimi_k2", "kimi_k2")),
    ("kimi-k2", Parsers("kimi_k2")),
    (r"minimax-m2", Parsers("minimax_m2", "minimax_m2")),
    ("seed-oss", Parsers("seed_oss", "seed_oss")),
    (r"ernie-?4\.5.*thinking", Parsers("ernie45", "ernie45")),
    ("hunyuan-a13b", Parsers("hunyuan_a13b", "hunyuan_a13b")),
    ("olmo-?3.*think", Parsers("olmo3", "olmo3")),
    ("olmo-?3", Parsers("olmo3")),
    ("functiongemma", Parsers("functiongemma")),
    ("gemma-?4", Parsers("gemma4", "gemma4")),
    (r"granite-?4", Parsers("granite4")),
    (r"granite-?3", Parsers("granite")),
    ("phi-?4-mini", Parsers("phi4_mini_json")),
    ("internlm", Parsers("internlm")),
    ("jamba", Parsers("jamba")),
    ("lfm2", Parsers("lfm2")),
    ("longcat", Parsers("longcat")),
    ("apertus", Parsers("apertus")),
)


def of(model: str) -> Parsers:
    """`model`: ORG/NAME or a folder; whoever made it says nothing of its family."""
    name = re.sub(r"[_ ]", "-", model.rstrip("/").rpartition("/")[2].lower())
    return next((parsers for family, parsers in FAMILIES if re.search(family, name)), Parsers())

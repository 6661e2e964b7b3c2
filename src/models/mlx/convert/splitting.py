"""How a text is cut before its pieces become tokens: GGUF says a name, tokenizer.json wants the rules. Pure."""

from collections.abc import Mapping
from typing import Any

from ....errors import ModelUnusable

Rules = dict[str, Any]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
WORDS = (
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|"
    r"\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SINGLE_DIGITS = (r"\p{N}", GPT2)

PATTERNS: Mapping[str, tuple[str, ...]] = {
    "gpt-2": (GPT2,),
    "smollm": SINGLE_DIGITS,
    "starcoder": SINGLE_DIGITS,
    "refact": SINGLE_DIGITS,
    "qwen2": (WORDS % "",),
    "deepseek-r1-qwen": (WORDS % "",),
    "llama-bpe": (WORDS % "{1,3}",),
    "llama3": (WORDS % "{1,3}",),
}
# In these a piece that is a token already is not put together from smaller ones.
WHOLE_PIECES = ("llama-bpe", "llama3")


def rules(name: str, model: str) -> Rules:
    if name not in PATTERNS:
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: its tokenizer cuts texts by the rules '{name}', and known are "
            f"{', '.join(PATTERNS)}. Take an MLX folder of this model, or --engine llamacpp."
        )
    cuts = [_cut(pattern) for pattern in PATTERNS[name]]
    bytes_only = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {"type": "Sequence", "pretokenizers": [*cuts, bytes_only]}


def _cut(pattern: str) -> Rules:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}

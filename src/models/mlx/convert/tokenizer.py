"""The vocabulary of a GGUF header becomes tokenizer.json and what lies beside it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....errors import ModelUnusable
from ...gguf import Header
from . import splitting

BYTE_LEVEL = "gpt2"  # as GGUF calls it
CONTROL, WRITTEN_BY_USERS = 3, 4
DEFAULT_RULES = "gpt-2"
# Tokens that end an answer, whatever the header says: the same that llama.cpp ends at.
ENDS = (
    *("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>"),
    *("<EOT>", "_<EOT>", "<\uff5cend\u2581of\u2581sentence\uff5c>", "<end_of_utterance>", "<|end_of_text|>", "</s>"),
    # In the middle of code: the next file begins.
    *("<|fim_pad|>", "<fim-pad>", "<PAD>", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
    "<|file_sep|>",
)
NAMED_ENDS = ("eos_token_id", "eot_token_id", "eom_token_id")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    tokens: tuple[str, ...]
    kinds: tuple[int, ...]
    merges: tuple[str, ...]
    rules: str
    special: dict[str, str]  # bos, eos ...: the token
    ends: tuple[int, ...]
    first: int | None  # put before every text
    template: str | None


def read(header: Header, model: str) -> Vocabulary:
    """ModelUnusable where it is none that can be rebuilt."""
    said = {name.removeprefix("tokenizer.ggml."): value for name, value in header.values.items()}
    if said.get("model") != BYTE_LEVEL:
        raise ModelUnusable(
            f"{model} cannot be converted for MLX: its tokenizer is of the kind '{said.get('model', 'unknown')}', and "
            f"only byte-level BPE ('{BYTE_LEVEL}') can be rebuilt. Take an MLX folder of this model, or "
            "--engine llamacpp."
        )
    tokens, merges = _texts(said, "tokens", model), _texts(said, "merges", model)
    kinds = said.get("token_type")
    special = {name: tokens[place] for name in ("bos", "eos", "padding") if (place := _id(said, name, tokens)) >= 0}
    return Vocabulary(
        tokens,
        kinds if isinstance(kinds, tuple) and len(kinds) == len(tokens) else (1,) * len(tokens),
        merges,
        str(said.get("pre", DEFAULT_RULES)),
        special,
        tuple(_ends(said, tokens)),
        _id(said, "bos", tokens) if said.get("add_bos_token") and "bos" in special else None,
        header.values.get("tokenizer.chat_template"),
    )


def tokenizer(vocabulary: Vocabulary, model: str) -> dict[str, Any]:
    """tokenizer.json. Nothing is normalised: llama.cpp does not either."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": list(_added(vocabulary)),
        "normalizer": None,
        "pre_tokenizer": splitting.rules(vocabulary.rules, model),
        "post_processor": _begin(vocabulary),
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": vocabulary.rules in splitting.WHOLE_PIECES,
            "vocab": {token: place for place, token in enumerate(vocabulary.tokens)},
            "merges": [merge.split(" ", 1) for merge in vocabulary.merges],
        },
    }


def settings(vocabulary: Vocabulary, context: int) -> dict[str, Any]:
    """tokenizer_config.json"""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": vocabulary.special.get("bos"),
        "eos_token": vocabulary.special.get("eos"),
        "pad_token": vocabulary.special.get("padding"),
        "add_bos_token": vocabulary.first is not None,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
    } | ({"chat_template": vocabulary.template} if vocabulary.template else {})


def _texts(said: dict[str, Any], name: str, model: str) -> tuple[str, ...]:
    found = said.get(name)
    if not isinstance(found, tuple) or not all(isinstance(text, str) for text in found):
        raise ModelUnusable(f"{model} cannot be converted for MLX: it has no {name} of a tokenizer.")
    return found


def _id(said: dict[str, Any], name: str, tokens: tuple[str, ...]) -> int:
    place = said.get(f"{name}_token_id")
    return place if isinstance(place, int) and 0 <= place < len(tokens) else -1


def _ends(said: dict[str, Any], tokens: tuple[str, ...]) -> Iterator[int]:
    named = {said.get(name) for name in NAMED_ENDS}
    return (place for place, token in enumerate(tokens) if place in named or token in ENDS)


def _added(vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    """Tokens that are looked for in a text before it is cut."""
    for place, (token, kind) in enumerate(zip(vocabulary.tokens, vocabulary.kinds, strict=True)):
        if kind in (CONTROL, WRITTEN_BY_USERS) or token in ENDS:
            special = kind == CONTROL or token in ENDS
            flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            yield {"id": place, "content": token, **flags, "special": special}


def _begin(vocabulary: Vocabulary) -> dict[str, Any] | None:
    if vocabulary.first is None:
        return None
    token = vocabulary.tokens[vocabulary.first]
    first, text = {"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "type": "TemplateProcessing",
        "single": [first, text],
        "pair": [first, text, second],
        "special_tokens": {token: {"id": token, "ids": [vocabulary.first], "tokens": [token]}},
    }

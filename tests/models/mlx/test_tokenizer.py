"""The rebuilt tokenizer cuts every text into the tokens that llama.cpp cuts it into."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import pytest
from localswarm.models import gguf
from localswarm.models.mlx.convert import tokenizer

tokenizers = pytest.importorskip("tokenizers")

PIECES = (
    *("hello", " world", "  ", "\n", "\n\n", "\t", "\r\n", "123", "4567890", " 3.14", "don't", "I'LL", "we've", "'s"),
    *"é ñandú 你好 世界 こんにちは 안녕 👩\u200d👩\u200d👧 🎉 مرحبا שלום ß Ⅷ ½ ² ٣ क्षि ไทย \U0001d49c e\u0301".split(),
    *"\u00a0 | \u2003 | \u200b | \u3000 | \ufeff | \x00 | \x1b[0m | \x85 | \u2028".split(" | "),
    *("__init__", "->", "{}", "==", "!!!", "...", "a" * 50, " " * 37, "\n" * 9, "\t\t\t", "x=1;", "</s>", "<reponame>"),
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_", "start|>", "<tool_call>", "<jupyter_code>", "<file_sep>"),
)


@pytest.fixture(scope="module")
def theirs(smollm2: Path) -> llama_cpp.Llama:
    return llama_cpp.Llama(str(smollm2), n_ctx=8, vocab_only=True, verbose=False)


@pytest.fixture(scope="module")
def ours(smollm2: Path) -> Any:
    vocabulary = tokenizer.read(gguf.check(smollm2, everything=True), "SmolLM2")
    return tokenizers.Tokenizer.from_str(json.dumps(tokenizer.tokenizer(vocabulary, "SmolLM2")))


def texts() -> Iterator[str]:
    dice = random.Random(1)
    yield Path(tokenizer.__file__).read_text(encoding="utf-8")
    yield Path(__file__).read_text(encoding="utf-8")
    for _ in range(1000):
        yield "".join(dice.choices(PIECES, k=dice.randint(1, 30)))
    for _ in range(500):
        yield "".join(chr(dice.choice((dice.randint(32, 126), dice.randint(160, 0xD7FF)))) for _ in range(20))


@pytest.mark.parametrize("special", [True, False])
def test_the_same_tokens(special: bool, ours: Any, theirs: llama_cpp.Llama) -> None:
    ours.encode_special_tokens = not special
    for text in texts():
        found = ours.encode(text, add_special_tokens=False).ids
        assert found == theirs.tokenize(text.encode(), add_bos=False, special=special)
        assert ours.decode(found, skip_special_tokens=False) == text


def test_the_same_ends(smollm2: Path, smollm2_mlx: Path, theirs: llama_cpp.Llama) -> None:
    vocabulary = llama_cpp.llama_model_get_vocab(theirs.model)
    expected = [token for token in range(theirs.n_vocab()) if llama_cpp.llama_vocab_is_eog(vocabulary, token)]
    assert json.loads((smollm2_mlx / "config.json").read_text())["eos_token_id"] == expected


def test_what_lies_beside_it(smollm2_mlx: Path) -> None:
    settings = json.loads((smollm2_mlx / "tokenizer_config.json").read_text())
    assert (settings["bos_token"], settings["eos_token"]) == ("<|im_start|>", "<|im_end|>")
    assert "<|im_start|>" in settings["chat_template"]
    assert settings["add_bos_token"] is False


def test_a_first_token_is_put_before_every_text(smollm2: Path) -> None:
    header = gguf.check(smollm2, everything=True)
    header.values["tokenizer.ggml.add_bos_token"] = True
    built = tokenizers.Tokenizer.from_str(json.dumps(tokenizer.tokenizer(tokenizer.read(header, "SmolLM2"), "SmolLM2")))
    assert built.encode("a").ids == [1, *built.encode("a", add_special_tokens=False).ids]

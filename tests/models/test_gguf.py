"""A GGUF file is whole, or the error says in one sentence what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from gguf import GGML_QUANT_SIZES
from hypothesis import HealthCheck, given, settings
from localswarm.errors import ModelUnusable
from localswarm.models import embedded, gguf


def test_the_real_model(smollm2: Path) -> None:
    header = gguf.check(smollm2)
    assert header.values["general.architecture"] == "llama"
    assert len(header.tensors) == 272
    assert header.end == smollm2.stat().st_size
    assert header.lengths["tokenizer.ggml.tokens"] == 49152


def test_block_sizes_are_those_of_the_format() -> None:
    known = {int(kind): (block, size) for kind, (block, size) in GGML_QUANT_SIZES.items()}
    assert {kind: known.get(kind) for kind in gguf.BLOCKS} == gguf.BLOCKS


@pytest.mark.parametrize("kind", ["llama", "mamba", "jamba", "gemma3"])
def test_tiny_models(kind: str, tiny: Callable[[str], Path]) -> None:
    assert gguf.check(tiny(kind)).values["general.architecture"] == kind


def spoil(source: Path, target: Path, kind: str) -> Path:
    data = source.read_bytes()
    spoilt = {
        "empty": b"",
        "text": b"This is no model at all.",
        "html": b"<html>404</html>",
        "half a header": data[:1000],
        "header only": data[: len(data) // 20],
        "cut off": data[: len(data) // 2],
        "bad version": data[:4] + b"\x63\0\0\0" + data[8:],
        "bad counts": data[:8] + b"\xff" * 16 + data[24:],
    }[kind]
    target.write_bytes(spoilt)
    return target


WORDS = {
    "empty": "is empty",
    "text": "not a GGUF",
    "html": "not a GGUF",
    "half a header": "ends in the middle",
    "header only": "ends in the middle|cut off",
    "cut off": "cut off",
    "bad version": "version 99",
    "bad counts": "damaged",
}


@pytest.mark.parametrize("kind", WORDS)
def test_a_spoilt_file(kind: str, tiny: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=WORDS[kind]):
        gguf.check(spoil(tiny("llama"), tmp_path / "spoilt.gguf", kind))


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no file"):
        gguf.check(tmp_path / "none.gguf")
    with pytest.raises(ModelUnusable, match="is a folder"):
        gguf.check(tmp_path)


@given(place=st.integers(0, 3000), value=st.integers(0, 255), cut=st.integers(0, 4000))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_header_never_does_more_than_raise(
    place: int, value: int, cut: int, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    data = bytearray(tiny("llama").read_bytes()[:4000])
    data[place] = value
    file = tmp_path / "damaged.gguf"
    file.write_bytes(data[:cut])
    with pytest.raises(ModelUnusable):
        gguf.check(file)


def test_a_damaged_embedded_model_is_noticed(tmp_path: Path) -> None:
    damaged = tmp_path / embedded.FILE
    data = bytearray(embedded.find().read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    embedded.verify(embedded.find())
    with pytest.raises(ModelUnusable, match="damaged"):
        embedded.verify(damaged)

"""What a user writes after --model, and what is said when a part of it is wrong."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from localswarm.models.card import Format, ModelCard, Use
from localswarm.models.catalogue import quants
from localswarm.models.catalogue.catalogue import Catalogue
from localswarm.models.catalogue.names import HubRepo, LocalPath, UnknownModel, Wanted, classify, find, parse
from localswarm.models.geometry import Geometry, Layers

SHAPE = Geometry("qwen2", 1, 64, 64, 1, 10, 2048, (Layers(1, 64, 64),))


def card(family: str, size: str, quant: str, format: Format) -> ModelCard:
    rank: Mapping[Use, int] = {"coding": 1, "chat": 1}
    return ModelCard(
        family, size, quant, format, family, "", (), SHAPE, 10, 10, 4.0, "none", "mit", rank, verified=False
    )


CATALOGUE = Catalogue(
    (
        card("qwen2.5-coder", "7b", "q4_k_m", "gguf"),
        card("qwen2.5-coder", "7b", "q8_0", "gguf"),
        card("qwen2.5-coder", "14b", "q4_k_m", "gguf"),
        card("qwen2.5-coder", "7b", "4bit", "mlx"),
        card("qwen2.5-coder", "7b", "8bit", "mlx"),
        card("qwen3-coder", "30b", "q4_k_m", "gguf"),
        card("gpt-oss", "20b", "mxfp4", "gguf"),
        card("gpt-oss", "20b", "mxfp4-q8", "mlx"),
        card("codellama", "7b", "q6_k", "gguf"),
    )
)


@pytest.mark.parametrize(
    ("text", "format", "ids"),
    [
        ("qwen2.5-coder:7b:4bit", "gguf", ["qwen2.5-coder:7b:q4_k_m"]),
        ("qwen2.5-coder:7b:4bit", "mlx", ["qwen2.5-coder:7b:4bit"]),
        ("qwen2.5-coder:7b:Q4_K_M", "gguf", ["qwen2.5-coder:7b:q4_k_m"]),
        ("Qwen2.5_Coder:7B:q4-k-m", "gguf", ["qwen2.5-coder:7b:q4_k_m"]),
        ("qwen2.5-coder:7b:q8_0", "mlx", ["qwen2.5-coder:7b:8bit"]),
        ("qwen2.5-coder:7b", "gguf", ["qwen2.5-coder:7b:q4_k_m", "qwen2.5-coder:7b:q8_0"]),
        ("qwen2.5-coder", "mlx", ["qwen2.5-coder:7b:4bit", "qwen2.5-coder:7b:8bit"]),
        ("qwen3-coder:30b-a3b", "gguf", ["qwen3-coder:30b:q4_k_m"]),
        ("gpt-oss:20b:4bit", "gguf", ["gpt-oss:20b:mxfp4"]),
        ("gpt-oss:20b:4-bit", "mlx", ["gpt-oss:20b:mxfp4-q8"]),
        ("gpt-oss:20b:mxfp4", "mlx", ["gpt-oss:20b:mxfp4-q8"]),
        (" codellama ", "gguf", ["codellama:7b:q6_k"]),
    ],
)
def test_what_a_name_finds(text: str, format: Format, ids: list[str]) -> None:
    assert [found.id for found in find(CATALOGUE, parse(text), format)] == ids


@pytest.mark.parametrize(
    ("text", "format", "message"),
    [
        (
            "qwen2.5-codr",
            "gguf",
            "There is no family 'qwen2.5-codr'. Nearest: qwen2.5-coder, qwen3-coder. See: python main.py models",
        ),
        ("zzzz", "gguf", "There is no family 'zzzz'. See: python main.py models"),
        ("qwen2.5-coder:9b", "gguf", "qwen2.5-coder has no size 9b; it has 7b, 14b."),
        ("qwen2.5-coder:7b:6bit", "gguf", "qwen2.5-coder:7b has no quant 6bit in GGUF; it has q4_k_m, q8_0."),
        ("qwen2.5-coder:7b:q4_k_x", "mlx", "qwen2.5-coder:7b has no quant q4_k_x in MLX; it has 4bit, 8bit."),
        ("codellama:7b", "mlx", "codellama is not in the catalogue for MLX. See: python main.py models"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: str, format: Format, message: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        find(CATALOGUE, parse(text), format)
    assert caught.value.message == message


@pytest.mark.parametrize("text", ["", ":", "a:b:c:d", "qwen3::4bit", "qwen3:"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(UnknownModel, match="has the form family:size:quant"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("model.gguf", LocalPath(Path("model.gguf"))),
        ("some/where/Model.GGUF", LocalPath(Path("some/where/Model.GGUF"))),
        ("./qwen3", LocalPath(Path("qwen3"))),
        ("/models/x", LocalPath(Path("/models/x"))),
        ("~/x", LocalPath(Path("~/x").expanduser())),
        (r"C:\models\x", LocalPath(Path(r"C:\models\x"))),
        ("c:/models/x", LocalPath(Path("c:/models/x"))),
        ("Qwen/Qwen3-8B-GGUF", HubRepo("Qwen/Qwen3-8B-GGUF")),
        ("Qwen/Qwen3-8B-GGUF:Q4_K_M", HubRepo("Qwen/Qwen3-8B-GGUF", "Q4_K_M")),
        ("Qwen/Qwen3-8B-GGUF@main", HubRepo("Qwen/Qwen3-8B-GGUF", None, "main")),
        ("Qwen/Qwen3-8B-GGUF@refs/pr/1:Q8_0", HubRepo("Qwen/Qwen3-8B-GGUF", "Q8_0", "refs/pr/1")),
        ("qwen3", Wanted("qwen3")),
        ("Qwen3:8B", Wanted("qwen3", "8b")),
        ("qwen3:8b:4bit", Wanted("qwen3", "8b", "4bit")),
    ],
)
def test_what_is_meant(text: str, meant: object) -> None:
    assert classify(text) == meant


def test_a_folder_hides_a_name_only_if_it_holds_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qwen3").mkdir()
    assert classify("qwen3") == Wanted("qwen3")
    (tmp_path / "qwen3" / "config.json").write_text("{}")
    assert classify("qwen3") == LocalPath(Path("qwen3"))
    (tmp_path / "weights").write_bytes(b"GGUF")
    assert classify("weights") == LocalPath(Path("weights"))


def test_a_name_too_long_for_a_path_is_no_crash() -> None:
    assert classify("a" * 10_000) == Wanted("a" * 10_000)


def test_every_quantisation_of_gguf_has_bits_in_mlx_or_none() -> None:
    for quant in quants.GGUF:
        assert quants.meant(quant, "gguf") == (quant,)
        assert set(quants.meant(quant, "mlx")) <= set(quants.MLX)
    for bits, names in quants.OF_BITS.items():
        assert quants.meant(bits, "gguf") == names
        assert quants.meant(names[0], "mlx")[0] == quants.meant(bits, "mlx")[0] == bits
    assert quants.meant("iq1_s", "mlx") == quants.meant("f32", "mlx") == ()

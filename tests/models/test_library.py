"""What is on this machine already, of models whose sizes were only reckoned."""

from collections.abc import Callable
from pathlib import Path

import pytest
from localswarm.models.card import ModelCard
from localswarm.models.catalogue import catalogue
from localswarm.models.hub.caches import Caches
from localswarm.models.hub.digests import Digests
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.library import Library

from .catalogue_text import Q8, family, one_million, quant

TOML = family(
    "tiny",
    one_million(Q8, quant("q4_k_m", [7_000_000, 7_000_000])),
    gguf='repo = "someone/Tiny-GGUF", file = "tiny-{quant}.gguf", split = "{quant}/tiny-{quant}-{part}.gguf"',
)
WHOLE, SPLIT = "tiny-q8_0.gguf", ("tiny-q4_k_m-00001-of-00002.gguf", "tiny-q4_k_m-00002-of-00002.gguf")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    file = tmp_path / "models.toml"
    file.write_text(TOML)
    hub = Hub(HubSettings(tmp_path / "hub", offline=True))
    here = Caches(hub=(tmp_path / "hub",), folders=(tmp_path / "plain",))
    return Library(catalogue.load(file, None), here, hub, Downloader(hub), Digests())


def card(library: Library, quant: str) -> ModelCard:
    return next(card for card in library.catalogue.cards if card.quant == quant)


def put(folder: Path, names: tuple[str, ...], data: bytes) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(data)
    return [folder / name for name in names]


def in_hub(tmp_path: Path, repo: str = "someone--Tiny-GGUF", commit: str = "a") -> Path:
    return tmp_path / "hub" / f"models--{repo}" / "snapshots" / (commit * 40)


@pytest.fixture
def data(tiny: Callable[[str], Path]) -> bytes:
    return tiny("llama").read_bytes()


def test_a_file_by_its_name_whatever_its_size(library: Library, data: bytes, tmp_path: Path) -> None:
    assert library.local(card(library, "q8_0")) is None
    (path,) = put(in_hub(tmp_path), (WHOLE.upper().replace(".GGUF", ".gguf"),), data)
    assert library.local(card(library, "q8_0")) == path


def test_the_same_name_in_another_repository_is_another_model(library: Library, data: bytes, tmp_path: Path) -> None:
    put(in_hub(tmp_path, "other--Tiny-GGUF"), (WHOLE,), data)
    assert library.local(card(library, "q8_0")) is None
    (path,) = put(tmp_path / "plain", (WHOLE,), data)  # nobody says whose it is
    assert library.local(card(library, "q8_0")) == path


def test_a_damaged_one_is_passed_over(library: Library, data: bytes, tmp_path: Path) -> None:
    put(in_hub(tmp_path, commit="a"), (WHOLE,), data[: len(data) // 2])
    (path,) = put(in_hub(tmp_path, commit="b"), (WHOLE,), data)
    assert library.local(card(library, "q8_0")) == path


def test_parts_stand_for_one_model_by_the_first(library: Library, data: bytes, tmp_path: Path) -> None:
    first, _ = put(in_hub(tmp_path) / "q4_k_m", SPLIT, data)
    assert library.local(card(library, "q4_k_m")) == first


def test_parts_count_only_where_all_of_them_lie_together(library: Library, data: bytes, tmp_path: Path) -> None:
    put(in_hub(tmp_path, commit="a") / "q4_k_m", SPLIT[:1], data)
    put(in_hub(tmp_path, commit="b") / "q4_k_m", SPLIT[1:], data)
    assert library.local(card(library, "q4_k_m")) is None
    first, _ = put(tmp_path / "plain", SPLIT, data)
    assert library.local(card(library, "q4_k_m")) == first


def test_parts_of_which_one_is_damaged(library: Library, data: bytes, tmp_path: Path) -> None:
    _, second = put(in_hub(tmp_path) / "q4_k_m", SPLIT, data)
    second.write_bytes(data[:1000])
    assert library.local(card(library, "q4_k_m")) is None

"""A folder for MLX comes from a hub that stands in: whole, or not at all."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import ModelUnusable
from localswarm.models.card import UNKNOWN_RANK, ModelCard, ModelFile
from localswarm.models.catalogue.names import HubRepo, UnknownModel
from localswarm.models.geometry import Geometry
from localswarm.models.hub.caches import Caches
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.folder_files import of_folder
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.progress import Progress, Watch
from localswarm.models.hub.refusals import Damaged, HubUnreachable, NoRoom, NotOnHub
from localswarm.models.mlx import folder
from localswarm.models.mlx.library import Folders
from localswarm.models.mlx.place import Remote
from localswarm.models.mlx.repo import card as card_of

from ..stand_in_hub import StandInHub
from . import folders
from .folders import SHARDS

REPO = "someone/Tiny-4bit"
OTHERS = {"README.md": b"# Tiny", "pytorch_model.bin": b"\x80", "onnx/model.safetensors": b"", "model.gguf.txt": b""}
TEXTS = ("chat_template.jinja", "tokenizer.json", "tokenizer_config.json", "model.safetensors.index.json")
CARD = ModelCard(
    family="tiny",
    size="1m",
    quant="4bit",
    format="mlx",
    title="Tiny",
    repo=REPO,
    files=(ModelFile("*.safetensors", 1000),),
    geometry=Geometry("llama", 2, 64, 128, 4, 100, 4096, ()),
    parameters=10_000,
    active=10_000,
    bits=4.5,
    tools="good",
    licence="mit",
    rank=UNKNOWN_RANK,
    verified=False,
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[StandInHub]:
    source = folders.make_sharded(tmp_path / "source", index=True)
    (source / "tokenizer_config.json").write_text("{}")
    (source / "chat_template.jinja").write_text("{{ messages }}")
    with StandInHub() as running:
        running.repos[REPO] = OTHERS | {path.name: path.read_bytes() for path in source.iterdir()}
        yield running


@pytest.fixture
def told() -> list[Progress]:
    return []


@pytest.fixture
def library(hub: StandInHub, tmp_path: Path, told: list[Progress]) -> Folders:
    return library_at(hub, tmp_path, told)


def library_at(
    hub: StandInHub, tmp_path: Path, told: list[Progress], offline: bool = False, free: int = 2**40
) -> Folders:
    cache = tmp_path / "hub"
    asked = Hub(HubSettings(cache, hub.endpoint, offline=offline), Patience(attempts=3, first_wait=0.01, silence=10.0))
    downloader = Downloader(asked, Watch(told.append), lambda _: free, reserve=0)
    return Folders(Caches(hub=(cache,), lmstudio=(tmp_path / "lmstudio",)), asked, downloader)


def fetched(library: Folders) -> Path:
    return library.fetch(library.exact(CARD))


def test_what_makes_a_folder_and_nothing_else(hub: StandInHub, library: Folders) -> None:
    path = fetched(library)
    assert sorted(file.name for file in path.iterdir()) == sorted((*TEXTS, *SHARDS, "config.json"))
    assert folder.body(path, "tiny").weights == folder.body(path.resolve(), "tiny").weights
    assert library.local(CARD) == path


def test_what_makes_it_one_comes_last() -> None:
    names = ["config.json", *SHARDS, "tokenizer.json", "README.md", "adapters.safetensors", "sub/config.json"]
    files = of_folder([ModelFile(name, 1) for name in names])
    assert [file.name for file in files] == ["tokenizer.json", *SHARDS, "config.json"]
    assert of_folder([ModelFile("config.json", 1)]) == of_folder([ModelFile(SHARDS[0], 1)]) == ()


def test_its_headers_say_what_it_weighs_before_it_is_downloaded(hub: StandInHub, library: Folders) -> None:
    remote = library.body(library.exact(CARD))
    assert not (library.downloader.hub.settings.cache / "models--someone--Tiny-4bit").exists()
    assert remote == replace(folder.body(fetched(library), CARD.id))


def test_one_progress_for_all_of_it(library: Folders, told: list[Progress]) -> None:
    files = library.exact(CARD).files
    library.fetch(library.exact(CARD))
    done = [each.done for each in told if each.stage == "download"]
    assert {each.total for each in told} == {sum(file.bytes for file in files)}
    assert done == sorted(done) and told[-1].done == told[0].total


def test_a_connection_that_is_cut(hub: StandInHub, library: Folders) -> None:
    card = library.exact(CARD)
    hub.cuts = [100, 50, 700, 300, 20, 10, 100, 40]
    assert folder.body(library.fetch(card), "tiny")
    assert any(asked.begin for asked in hub.bodies()), "it went on where it was cut"


def test_a_damaged_file_is_not_kept_and_the_half_folder_not_used(hub: StandInHub, library: Folders) -> None:
    card = library.exact(CARD)
    hub.corrupt_at = len(hub.repos[REPO][SHARDS[1]]) - 1  # the only one that is so long
    with pytest.raises(Damaged, match=SHARDS[1]):
        library.fetch(card)
    assert library.local(CARD) is None
    hub.corrupt_at, before = None, hub.sent()
    assert library.fetch(card) == library.local(CARD)
    assert hub.sent() - before < len(hub.repos[REPO][SHARDS[1]]) + 1000, "the others were kept"


def test_a_slow_one_is_no_model_until_its_last_file_is_here(hub: StandInHub, library: Folders) -> None:
    card = library.exact(CARD)
    hub.hold_at = 1000
    running = threading.Thread(target=library.fetch, args=(card,))
    running.start()
    while not any(asked.path.endswith(SHARDS[1]) and asked.sent for asked in hub.bodies()):
        assert running.is_alive() and library.local(CARD) is None
    assert library.local(CARD) is None
    hub.hold_at = None
    hub.go_on.set()
    running.join()
    assert library.local(CARD)


def test_two_at_once_download_each_file_once(hub: StandInHub, library: Folders) -> None:
    card = library.exact(CARD)
    hub.pause = 0.02
    both = [threading.Thread(target=library.fetch, args=(card,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert library.local(CARD)
    assert hub.sent() == card.bytes


def test_room_for_all_of_it_is_looked_for_first(hub: StandInHub, tmp_path: Path, told: list[Progress]) -> None:
    library = library_at(hub, tmp_path, told, free=15_000)
    card = library.exact(CARD)
    assert max(file.bytes for file in card.files) < 15_000 < card.bytes
    with pytest.raises(NoRoom, match="7 files of someone/Tiny-4bit"):
        library.fetch(card)
    assert hub.bodies() == [] and told == []


def test_offline_takes_what_is_here_and_says_what_is_missing(
    hub: StandInHub, library: Folders, tmp_path: Path, told: list[Progress]
) -> None:
    path = fetched(library)
    offline = library_at(hub, tmp_path, told, offline=True)
    assert offline.local(CARD) == path
    (path / SHARDS[1]).unlink()
    assert offline.local(CARD) is None
    with pytest.raises(HubUnreachable, match=rf"offline mode .* {SHARDS[1]} is missing in"):
        offline.exact(CARD)


def test_the_cache_of_another_tool(hub: StandInHub, library: Folders, tmp_path: Path) -> None:
    path = shutil.copytree(tmp_path / "source", tmp_path / "lmstudio" / "Someone" / "tiny-4bit")
    assert library.local(CARD) == path
    assert hub.asked == []


def test_a_revision_is_the_one_that_it_was(library: Folders, hub: StandInHub) -> None:
    path = fetched(library)
    other = path.with_name("b" * 40)
    path.rename(other)
    assert library.local(CARD) == other, "of the main one any"
    assert library.local(replace(CARD, revision="b" * 40)) == other
    assert library.local(replace(CARD, revision=hub.commit)) is None
    assert library.local(replace(CARD, revision="v2")) is None


@pytest.mark.parametrize("gone", ["config.json", *SHARDS])
def test_what_is_no_folder_on_the_hub(gone: str, hub: StandInHub, library: Folders) -> None:
    del hub.repos[REPO][gone]
    with pytest.raises((NotOnHub, ModelUnusable), match=r"no folder for MLX|is missing in someone/Tiny-4bit"):
        library.body(library.exact(CARD))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"model_type": "falcon_h1"}, "keeps several things in one layer"),
        ({"model_type": "lama"}, "which MLX cannot load"),
        ({"quantization": None}, "does not say how its weights are quantised"),
    ],
)
def test_what_cannot_be_served_is_refused_before_it_is_downloaded(
    said: dict[str, object], words: str, hub: StandInHub, library: Folders
) -> None:
    hub.repos[REPO]["config.json"] = json.dumps(folders.CONFIG | said).encode()
    with pytest.raises(ModelUnusable, match=words):
        library.body(library.exact(CARD))


def test_a_folder_without_a_tokenizer_is_refused_before_it_is_downloaded(hub: StandInHub, library: Folders) -> None:
    del hub.repos[REPO]["tokenizer.json"]
    with pytest.raises(ModelUnusable, match=r"no tokenizer\.json in someone/Tiny-4bit.* Take another model"):
        library.body(library.exact(CARD))


def test_a_repository_that_no_catalogue_knows(library: Folders) -> None:
    files = library.exact(CARD).files
    found = card_of(Remote(library.hub, REPO, files), HubRepo(REPO, "Q4_K_M"), files)
    assert (found.id, found.format, found.geometry.layers) == (f"{REPO}:4bit", "mlx", 2)
    assert found.parameters == 100 * 64 + 64 + 100 * 64
    with pytest.raises(UnknownModel, match="has no quant 8bit; it has 4bit"):
        card_of(Remote(library.hub, REPO, files), HubRepo(REPO, "8bit"), files)

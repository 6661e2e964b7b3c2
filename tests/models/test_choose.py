"""From what was asked for to a file, through a hub that stands in for the real one."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from localswarm.errors import ModelUnusable, SettingError
from localswarm.hardware.machine import Cpu, Hardware
from localswarm.models import repo
from localswarm.models.card import ModelFile
from localswarm.models.catalogue import catalogue
from localswarm.models.choose import Choice, Chooser
from localswarm.models.fit.fit import Wish
from localswarm.models.formats import formats
from localswarm.models.forms import Forms
from localswarm.models.hub.caches import Caches
from localswarm.models.hub.digests import Digests
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.refusals import HubUnreachable
from localswarm.models.library import Library
from localswarm.settings import Engine

from .catalogue_text import Q8, Size, family, one_million, quant
from .mlx import folders
from .stand_in_hub import Answer, StandInHub

GIB = 2**30
MACHINE = Hardware("linux", Cpu("A processor", 4, frozenset({"avx2"}), 40e9), 8 * GIB, 6 * GIB)
REPO = "someone/Tiny-GGUF"
TINY = family(
    "tiny",
    one_million(Q8, quant("q4_k_m", 12_000_000)),
    Size("9b", 9_000_000_000, 40, 4096, 12288, 32, 1024, [quant("q4_k_m", 5_500_000_000)]),
    gguf='repo = "someone/Tiny-GGUF", file = "tiny-{size}-{quant}.gguf"',
)
HERE = 'repo = "", file = "SmolLM2-135M-Instruct.Q4_1.gguf", '
SMOLLM2 = Size("135m", 134_515_008, 30, 576, 1536, 9, 192, [quant("q4_1", 98_362_432, HERE)])
TOML = TINY + family("smollm2", SMOLLM2, rank=1, title="SmolLM2", context=8192, tools="none")


@dataclass
class World:
    """A machine with an empty cache, and a hub with one repository."""

    hub: StandInHub
    folder: Path
    said: list[str] = field(default_factory=list)
    hardware: Hardware = MACHINE
    offline: bool = False
    mlx: bool = True
    engine: Engine = "auto"
    toml: str = TOML

    def choose(self, wanted: str | None, wish: Wish | None = None, force: bool = False) -> Choice:
        return self.chooser(wish or Wish(), force).choose(wanted)

    def chooser(self, wish: Wish, force: bool) -> Chooser:
        builtin = self.folder / "models.toml"
        builtin.write_text(self.toml)
        cache = self.folder / "cache"
        hub = Hub(HubSettings(cache, self.hub.endpoint, offline=self.offline), Patience(1, silence=10.0))
        places = Caches(hub=(cache,), folders=(self.folder / "mine",))
        library = Library(catalogue.load(builtin, None), places, hub, Downloader(hub, reserve=0), Digests())
        forms = Forms(self.engine, self.mlx, self.folder / "mlx", library.digests)
        served = formats(self.engine, self.hardware, self.mlx, wish)
        return Chooser(
            *(library, self.hardware, wish, force),
            say=self.said.append,
            form=forms.of,
            formats=served,
            converts=self.engine == "mlx",
        )


@pytest.fixture
def world(tmp_path: Path, tiny: Callable[[str], Path]) -> Iterator[World]:
    with StandInHub() as hub:
        model = tiny("llama").read_bytes()
        hub.repos[REPO] = {"tiny-1m-q8_0.gguf": model, "tiny-1m-q4_k_m.gguf": model, "README.md": b"# Tiny"}
        yield World(hub, tmp_path)


def test_the_best_is_downloaded_and_found_again(world: World) -> None:
    first = world.choose(None)
    assert first.name == "tiny:1m:q4_k_m" and first.path.exists()
    sent = world.hub.sent()
    assert world.choose(None).path == first.path
    assert world.hub.sent() == sent


def test_its_header_is_read_before_it_is_downloaded(world: World) -> None:
    world.hub.repos[REPO]["tiny-1m-q8_0.gguf"] = b"GGUF" + b"\0" * 14_000_000
    with pytest.raises(ModelUnusable, match="version 0"):
        world.choose("tiny:1m:q8_0")
    assert world.hub.sent() < 5_000_000


def test_what_is_asked_for_exactly_is_taken_exactly(world: World) -> None:
    assert world.choose("tiny:1m:q4_k_m").name == "tiny:1m:q4_k_m"
    assert world.choose("Tiny:1M:8bit").name == "tiny:1m:q8_0"


def test_a_hub_that_is_away_leaves_the_embedded_model(world: World) -> None:
    world.hub.answers += [Answer(503)] * 20
    choice = world.choose(None)
    assert choice.name == "smollm2:135m:q4_1"
    assert any("tiny:1m:q4_k_m would be better" in note for note in choice.notes)
    assert not any("without it" in note for note in choice.notes)
    assert len(world.hub.asked) <= 2


def test_offline_takes_what_is_here(world: World, tiny: Callable[[str], Path]) -> None:
    world.offline = True
    assert world.choose(None).name == "smollm2:135m:q4_1"
    mine = world.folder / "mine"
    mine.mkdir()
    shutil.copy(tiny("llama"), mine / "tiny-1m-q4_k_m.gguf")
    assert world.choose(None).name == "tiny:1m:q4_k_m"
    with pytest.raises(HubUnreachable, match=r"(?i)offline") as refused:
        world.choose("tiny:1m:q8_0")
    assert "--model FILE" in refused.value.message


def test_a_file_that_is_not_in_its_repository_is_no_end(world: World) -> None:
    del world.hub.repos[REPO]["tiny-1m-q4_k_m.gguf"]
    choice = world.choose(None)
    assert choice.name == "tiny:1m:q8_0"
    assert "has no file tiny-1m-q4_k_m.gguf" in choice.notes[0]


def test_what_does_not_fit_is_refused_with_what_would(world: World) -> None:
    with pytest.raises(ModelUnusable) as refused:
        world.choose("tiny:9b")
    assert "tiny:9b:q4_k_m does not fit" in refused.value.message
    assert "--model tiny:1m:q8_0 fits" in refused.value.message and "--force" in refused.value.message


def test_a_context_that_does_not_fit_is_refused_with_one_that_would(world: World, smollm2: Path) -> None:
    world.hardware = replace(MACHINE, ram=2 * GIB, ram_free=GIB + GIB // 8)
    with pytest.raises(ModelUnusable, match="It fits with --context"):
        world.choose(str(smollm2), Wish(context=8192, seats=8, kv="f16"))
    forced = world.choose(str(smollm2), Wish(context=8192, seats=8, kv="f16"), force=True)
    assert forced.plan.setup.context == 8192


def test_a_repository_of_the_hub(world: World) -> None:
    assert world.choose(REPO).name == f"{REPO}:q4_k_m"
    assert world.choose(f"{REPO}:8bit").name == f"{REPO}:q8_0"


def test_a_repository_that_was_downloaded_needs_no_hub(world: World) -> None:
    first = world.choose(f"{REPO}:8bit")
    world.offline = True
    assert world.choose(f"{REPO}:8bit").path == first.path
    assert world.choose(REPO).path == first.path


def test_a_revision_is_the_one_that_is_downloaded(world: World) -> None:
    world.choose(f"{REPO}@{world.hub.commit}:8bit")
    resolved = [asked.path for asked in world.hub.asked if "/resolve/" in asked.path]
    assert resolved and not any("/resolve/main/" in path for path in resolved)


def test_a_name_is_taken_although_it_is_slow(world: World) -> None:
    world.hardware = replace(MACHINE, cpu=replace(MACHINE.cpu, cores=1, bandwidth=1e6))
    choice = world.choose("tiny:1m")
    assert choice.name.startswith("tiny:1m") and not choice.plan.speed.usable


def test_a_context_beyond_the_trained_one_is_refused_before_any_download(world: World) -> None:
    with pytest.raises(ModelUnusable, match="trained for"):
        world.choose("tiny:1m", Wish(context=8192))
    assert world.hub.sent() == 0


def test_a_file_and_the_same_in_parts_are_one_model() -> None:
    names = ["m-q4_k_m.gguf", "m-q4_k_m-00001-of-00002.gguf", "m-q4_k_m-00002-of-00002.gguf", "m-q8_0.gguf"]
    groups = repo.by_quant([ModelFile(name, 1) for name in names])
    assert {quant: [file.name for file in files] for quant, files in groups.items()} == {
        "q4_k_m": ["m-q4_k_m.gguf"],
        "q8_0": ["m-q8_0.gguf"],
    }


def test_unknown_names_suggest_the_nearest(world: World) -> None:
    for wanted, said in {
        "tinny": "Nearest: tiny",
        "tiny:7b": "it has 1m, 9b",
        "tiny:1m:q2_k": "it has q4_k_m, q8_0",
        "a:b:c:d": "family:size:quant",
    }.items():
        with pytest.raises(SettingError, match=said):
            world.choose(wanted)


def test_a_local_file_needs_no_hub(world: World, smollm2: Path) -> None:
    assert world.choose(str(smollm2)).path == smollm2
    assert world.hub.asked == []


def test_a_folder_for_mlx(world: World) -> None:
    path = folders.make(world.folder / "Tiny-2.5-4bit")
    choice = world.choose(str(path))
    assert (choice.path, choice.name) == (path, "Tiny-2.5-4bit")
    (path / "model.safetensors").unlink()
    with pytest.raises(ModelUnusable, match="the weights are missing"):
        world.choose(str(path))


def test_a_file_becomes_a_folder_where_mlx_is_asked_for(world: World, smollm2: Path) -> None:
    world.engine = "mlx"
    choice = world.choose(str(smollm2))
    assert choice.name == smollm2.stem
    assert choice.path.parent == world.folder / "mlx" and choice.path.joinpath("config.json").exists()
    assert choice.plan.setup.kv == "f16"
    assert world.choose(str(smollm2)).path == choice.path


def test_what_the_asked_engine_cannot_load(world: World, tiny: Callable[[str], Path]) -> None:
    world.engine = "llamacpp"
    with pytest.raises(ModelUnusable, match="which --engine llamacpp cannot load"):
        world.choose(str(folders.make(world.folder / "Tiny-2.5-4bit")))
    world.engine, world.mlx = "mlx", False
    with pytest.raises(ModelUnusable, match="--engine mlx: MLX is not installed here"):
        world.choose(str(tiny("llama")))


@pytest.mark.parametrize("wanted", [None, "tiny:1m"])
def test_where_all_were_tried_that_is_said(wanted: str | None, world: World) -> None:
    every = frozenset(card.id for card in world.chooser(Wish(), False).library.catalogue.cards)
    with pytest.raises(ModelUnusable, match=r"No other model is left \(.*tiny:1m:q8_0"):
        replace(world.chooser(Wish(), False), without=every).choose(wanted)


def test_a_folder_for_mlx_on_a_machine_without_it(world: World) -> None:
    world.mlx = False
    path = folders.make(world.folder / "Tiny-2.5-4bit")
    with pytest.raises(ModelUnusable, match="is a folder for MLX, and MLX is not installed here"):
        world.choose(str(path))


def test_the_parts_of_a_model_count_together(world: World, tiny: Callable[[str], Path]) -> None:
    first = world.folder / "big-00001-of-00002.gguf"
    shutil.copy(tiny("llama"), first)
    with pytest.raises(ModelUnusable, match=r"big-00002-of-00002\.gguf is not beside it"):
        world.choose(str(first))
    shutil.copy(tiny("llama"), world.folder / "big-00002-of-00002.gguf")
    assert world.choose(str(first)).plan.need.weights > 2 * 14_000_000

"""On Apple Silicon the build for MLX is chosen, downloaded and found again; what it lacks a GGUF file has."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import ModelUnusable
from localswarm.hardware.machine import Cpu, Device, Hardware
from localswarm.models.fit.fit import Wish
from localswarm.models.hub.refusals import HubUnreachable

from .mlx import folders
from .stand_in_hub import Answer, StandInHub
from .test_choose import GIB, MACHINE, REPO, TOML, World

METAL = Device("metal", "Apple M2 GPU", 11 * GIB, 9 * GIB, 100e9, True, "0", "apple-m2")
MAC = Hardware("darwin", Cpu("Apple M2", 8, frozenset({"neon"}), 100e9), 16 * GIB, 9 * GIB, (METAL,))
CARD = Device("cuda", "NVIDIA GeForce RTX 4090", 24 * GIB, 23 * GIB, 1e12, False, "0", "8.9")
BUILD = "someone/Tiny-1m-4bit"
FOR_MLX = """
[family.size.mlx]
4bit = { bytes = 14_000_000, repo = "someone/Tiny-1m-4bit", file = "*.safetensors", verified = false }
"""
FIRST, REST = TOML.split('[[family.size]]\nname = "9b"')
BOTH = f'{FIRST}{FOR_MLX}\n[[family.size]]\nname = "9b"{REST}'
RECURRENT = BOTH.replace("checked = true\n", "checked = true\nstate = 1000000\n", 1)


@pytest.fixture
def world(tmp_path: Path, tiny: Callable[[str], Path]) -> Iterator[World]:
    source = folders.make(tmp_path / "source")
    with StandInHub() as hub:
        model = tiny("llama").read_bytes()
        hub.repos[REPO] = {"tiny-1m-q8_0.gguf": model, "tiny-1m-q4_k_m.gguf": model}
        hub.repos[BUILD] = {path.name: path.read_bytes() for path in source.iterdir()} | {"README.md": b"#"}
        yield World(hub, tmp_path, hardware=MAC, toml=BOTH)


def test_a_mac_takes_the_build_for_mlx_and_finds_it_again(world: World) -> None:
    choice = world.choose(None)
    assert choice.name == "tiny:1m:4bit" and choice.path.joinpath("config.json").exists()
    assert (choice.plan.setup.kv, choice.plan.where, choice.notes) == ("f16", "Apple M2 GPU", ())
    sent = world.hub.sent()
    world.offline = True
    assert world.choose(None).path == choice.path and world.hub.sent() == sent


@pytest.mark.parametrize(
    "wanted", ["tiny:1m", "tiny:1m:4bit", "tiny:1m:q4_k_m", "Tiny:1M:4-bit", BUILD, f"{BUILD}:4bit"]
)
def test_by_name(wanted: str, world: World) -> None:
    choice = world.choose(wanted)
    assert choice.path.joinpath("model.safetensors").exists()
    assert choice.name == (f"{BUILD}:4bit" if "/" in wanted else "tiny:1m:4bit")


@pytest.mark.parametrize(
    ("change", "wish"),
    [
        ({"engine": "llamacpp"}, Wish()),
        ({"mlx": False}, Wish()),
        ({"hardware": MACHINE}, Wish()),
        ({}, Wish(kv="q8_0")),  # which only llama.cpp can do
        ({}, Wish(gpu_layers=1)),
    ],
)
def test_where_a_gguf_file_is_taken(change: dict[str, object], wish: Wish, world: World) -> None:
    choice = replace(world, **change).choose("tiny:1m", wish)  # type: ignore[arg-type]
    assert choice.path.suffix == ".gguf" and choice.notes == ()


def test_a_hub_that_is_away_leaves_what_is_here(world: World, tiny: Callable[[str], Path]) -> None:
    world.hub.answers += [Answer(503)] * 20
    assert world.choose(None).name == "smollm2:135m:q4_1"
    mine = world.folder / "mine"
    mine.mkdir()
    shutil.copy(tiny("llama"), mine / "tiny-1m-q4_k_m.gguf")
    for wanted in (None, "tiny:1m:4bit"):
        choice = world.choose(wanted)
        assert choice.name == "tiny:1m:q4_k_m"
        assert "tiny:1m:4bit would be better, but:" in choice.notes[0]
        assert "as a GGUF file, instead of a build for MLX" in choice.why


def test_a_build_that_is_not_on_the_hub_is_no_end(world: World) -> None:
    del world.hub.repos[BUILD]
    for wanted in (None, "tiny:1m:4bit"):
        choice = world.choose(wanted)
        assert choice.name == "tiny:1m:q4_k_m" and "no repository" in choice.notes[0]


def test_a_recurrent_model_comes_as_a_build_too(world: World) -> None:
    world.toml = RECURRENT
    for wanted in (None, "tiny:1m:4bit"):
        assert world.choose(wanted).name == "tiny:1m:4bit"


def test_what_the_engine_cannot_load_comes_as_a_gguf_file(world: World) -> None:
    config = json.dumps(folders.CONFIG | {"model_type": "falcon_h1"}).encode()
    world.hub.repos[BUILD]["config.json"] = config
    for wanted in (None, "tiny:1m:4bit"):
        choice = world.choose(wanted)
        assert choice.name == "tiny:1m:q4_k_m" and "several things in one layer" in choice.notes[0]


def test_a_refusal_is_said_once(world: World) -> None:
    world.hub.answers += [Answer(503)] * 40
    with pytest.raises(HubUnreachable) as refused:
        world.choose("tiny:1m:4bit")
    assert not any(refused.value.message in said for said in world.said)
    assert any("tiny:1m:4bit cannot be had" in said for said in world.said)


def test_offline_says_what_is_missing_of_a_folder(world: World) -> None:
    choice = world.choose("tiny:1m:4bit")
    (choice.path / "model.safetensors").unlink()
    world.offline = True
    for wanted in ("tiny:1m:4bit", BUILD):
        with pytest.raises(HubUnreachable, match=r"offline mode .* the weights are missing"):
            world.choose(wanted)


def test_asked_for_mlx_a_processor_serves_it(world: World) -> None:
    world.engine = "mlx"
    world.hardware = replace(MACHINE, devices=(CARD,))
    choice = world.choose("tiny:1m")
    assert choice.name == "tiny:1m:4bit"
    assert (choice.plan.where, choice.plan.gpu_layers, dict(choice.plan.expected.cards)) == ("memory", 0, {})
    assert choice.plan.room < 6 * GIB


def test_asked_for_mlx_what_is_left_is_the_embedded_model_converted(world: World) -> None:
    world.engine = "mlx"
    world.hub.answers += [Answer(503)] * 20
    choice = world.choose(None)
    assert choice.name == "smollm2:135m:q4_1" and choice.path.parent == world.folder / "mlx"
    assert "tiny:1m:4bit would be better" in choice.notes[0]


def test_a_repository_for_mlx_where_only_gguf_files_are_served(world: World) -> None:
    world.hardware = MACHINE
    with pytest.raises(ModelUnusable, match="a folder for MLX, which only --engine mlx serves here"):
        world.choose(BUILD)


def test_a_model_without_a_build_says_so(world: World) -> None:
    world.toml = TOML
    assert "the catalogue has no build of it for MLX" in world.choose(None).why

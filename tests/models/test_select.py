"""What each of the recorded machines gets, and why."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from localswarm.models.card import ModelCard
from localswarm.models.catalogue import catalogue
from localswarm.models.fit import select
from localswarm.models.fit.fit import Wish
from localswarm.models.formats import formats
from localswarm.settings import Engine

from ..hardware import machines

CATALOGUE = catalogue.load(Path(__file__).parents[2] / "config" / "models.toml", None)

# Machine: the model, its format, context, seats, how its cache is kept, layers on the GPU (-1: all).
CHOSEN = {
    "2x-rtx-3090": ("qwen3.8:27b:q4_k_m", "gguf", 131072, 8, "f16", -1),
    "8x-h200-two-visible": ("qwen3.8:27b:q8_0", "gguf", 131072, 8, "f16", -1),
    "a100-in-parts": ("qwen3-coder-next:80b:q4_k_m", "gguf", 131072, 8, "f16", 7),
    "container-4gb": ("qwen3.5:0.8b:q4_k_m", "gguf", 32768, 4, "q8_0", 0),
    "container-4gb-cgroup-v1": ("qwen3.5:2b:q4_k_m", "gguf", 32768, 2, "q8_0", 0),
    "dgx-spark": ("qwen3.6:35b:q8_0", "gguf", 131072, 8, "f16", -1),
    "h200": ("qwen3.8:27b:q8_0", "gguf", 131072, 8, "f16", -1),
    "jetson-agx-orin-64gb": ("qwen3.6:35b:q5_k_m", "gguf", 65536, 8, "f16", -1),
    "m1-8gb": ("qwen3.5:2b:q4_k_m", "gguf", 32768, 2, "q8_0", -1),
    "m2-pro-16gb": ("qwen3.5:4b:q4_k_m", "gguf", 32768, 2, "q8_0", -1),
    "m3-max-64gb": ("qwen3.8:27b:4bit", "mlx", 32768, 2, "f16", -1),
    "m3-ultra-512gb": ("qwen3.8:27b:4bit", "mlx", 131072, 8, "f16", -1),
    "m4-max-128gb": ("qwen3.8:27b:4bit", "mlx", 65536, 8, "f16", -1),
    "plain-laptop-16gb": ("qwen3.5:4b:q4_k_m", "gguf", 32768, 4, "q8_0", 0),
    "raspberry-pi-5-8gb": ("qwen3.5:2b:q4_k_m", "gguf", 32768, 8, "f16", 0),
    "rtx-3060-12gb": ("qwen3.6:35b:q3_k_m", "gguf", 32768, 4, "q8_0", 23),
    "rtx-4090": ("qwen3.8:27b:q4_k_m", "gguf", 32768, 8, "q8_0", -1),
    "rtx-5090": ("qwen3.8:27b:q6_k", "gguf", 32768, 8, "f16", -1),
    "rx-7900-xtx": ("qwen3.8:27b:q4_k_m", "gguf", 32768, 8, "q8_0", -1),
    "ryzen-5700u-laptop": ("qwen3.5:4b:q4_k_m", "gguf", 32768, 4, "q8_0", 0),
    "strix-halo-128gb": ("qwen3-coder-next:80b:q5_k_m", "gguf", 131072, 8, "f16", -1),
    "strix-halo-128gb-carve-out": ("qwen3-coder-next:80b:q6_k", "gguf", 131072, 8, "f16", -1),
    "windows-rtx-4080": ("qwen3.6:35b:q3_k_m", "gguf", 32768, 4, "q8_0", 29),
    "wsl2-rtx-4070": ("qwen3.5:9b:q6_k", "gguf", 32768, 8, "q8_0", -1),
}

# The same of Apple's, where MLX is asked for: the cards of the others do nothing for it.
CHOSEN_FOR_MLX = {
    "m1-8gb": ("qwen3.5:0.8b:4bit", "mlx", 32768, 1, "f16", -1),
    "m2-pro-16gb": ("qwen3.5:2b:4bit", "mlx", 32768, 2, "f16", -1),
    "m3-max-64gb": ("qwen3.8:27b:4bit", "mlx", 32768, 2, "f16", -1),
    "m3-ultra-512gb": ("qwen3.8:27b:4bit", "mlx", 131072, 8, "f16", -1),
    "m4-max-128gb": ("qwen3.8:27b:4bit", "mlx", 65536, 8, "f16", -1),
}
ENGINES: tuple[Engine, ...] = ("auto", "mlx")
PAGE = Path(__file__).parents[2] / "docs" / "fit.md"


@cache
def ranked(name: str, wish: Wish | None = None, engine: Engine = "auto") -> list[select.Ranked]:
    hardware, wish = machines.hardware(name), wish or Wish()
    served = formats(engine, hardware, True, wish)[: 1 if engine == "mlx" else None]
    return select.rank([card for card in CATALOGUE.cards if card.format in served], hardware, wish)


def card(id: str) -> ModelCard:
    return next(one for one in CATALOGUE.cards if one.id == id)


def test_every_recorded_machine_is_in_the_table() -> None:
    assert list(CHOSEN) == machines.NAMES


@pytest.mark.parametrize("name", CHOSEN)
def test_what_a_machine_gets(name: str) -> None:
    best = ranked(name)[0]
    setup = best.plan.setup
    got = (best.card.id, best.card.format, setup.context, setup.seats, setup.kv, best.plan.gpu_layers)
    assert got == CHOSEN[name]
    assert best.refusal is None and not best.plan.below_floor


@pytest.mark.parametrize("name", CHOSEN_FOR_MLX)
def test_what_a_mac_gets_for_mlx(name: str) -> None:
    best = ranked(name, engine="mlx")[0]
    setup = best.plan.setup
    got = (best.card.id, best.card.format, setup.context, setup.seats, setup.kv, best.plan.gpu_layers)
    assert got == CHOSEN_FOR_MLX[name]
    assert best.refusal is None and best.plan.need.total <= best.plan.room


@pytest.mark.parametrize("name", CHOSEN)
def test_the_page_says_the_same(name: str) -> None:
    """Its rows are those that this makes: `python -m tests.models.test_select` prints them."""
    for engine in ENGINES[: 2 if name in CHOSEN_FOR_MLX else 1]:
        assert row(name, engine) in PAGE.read_text().splitlines()


@pytest.mark.parametrize("name", CHOSEN_FOR_MLX)
def test_on_a_mac_a_file_comes_behind_the_build_for_mlx_of_its_size(name: str) -> None:
    seen = set()
    for one in ranked(name):
        if one.refusal is None and one.plan.below_floor is False:
            size = one.card.family, one.card.size
            assert one.card.format == "mlx" or size in seen or not _has_build(size, ranked(name))
            seen |= {size} if one.card.format == "mlx" else set()


def _has_build(size: tuple[str, str], of: list[select.Ranked]) -> bool:
    builds = [one for one in of if (one.card.family, one.card.size) == size and one.card.format == "mlx"]
    return any(one.refusal is None and not one.plan.below_floor for one in builds)


def test_on_a_mac_recurrent_models_are_served_as_builds_for_mlx() -> None:
    found = [one for one in ranked("m4-max-128gb") if one.card.family == "qwen3.8"]
    assert found[0].card.format == "mlx" and found[0].card.geometry.state and found[0].refusal is None


@pytest.mark.parametrize("name", ["rtx-4090", "2x-rtx-3090", "dgx-spark", "strix-halo-128gb"])
def test_beside_other_cards_mlx_runs_on_the_processor(name: str) -> None:
    assert {one.card.format for one in ranked(name)} == {"gguf"}
    for one in ranked(name, engine="mlx"):
        assert (one.plan.where, one.plan.gpu_layers) == ("memory", 0) and not one.plan.expected.cards


@pytest.mark.parametrize("name", CHOSEN)
def test_nothing_that_is_chosen_takes_more_than_there_is(name: str) -> None:
    for one in ranked(name):
        if one.refusal is None:
            assert one.plan.need.total <= one.plan.room and one.plan.speed.usable


def test_the_use_decides() -> None:
    coding, chat = (ranked("rtx-3060-12gb", Wish(use=use))[0] for use in ("coding", "chat"))
    assert coding.plan.setup.context >= 32768
    assert chat.plan.floor == 8192


@pytest.mark.parametrize("name", ["h200", "plain-laptop-16gb", "m3-ultra-512gb"])
def test_what_was_trained_for_less_than_its_use_wants_comes_behind(name: str) -> None:
    short = [one.plan.below_floor for one in ranked(name) if one.refusal is None]
    assert short == sorted(short) and any(short)


def test_what_does_not_fit_says_how_much_it_needs() -> None:
    last = ranked("m1-8gb")[-1]
    assert last.refusal and "needs" in last.refusal and "Apple M1 GPU" in last.refusal


def test_what_fits_but_crawls_is_refused_for_its_speed() -> None:
    slow = next(one for one in ranked("plain-laptop-16gb") if one.plan.fits and not one.plan.speed.usable)
    assert slow.refusal and "too slow here" in slow.refusal


def test_a_licence_for_research_alone_is_never_chosen_unasked() -> None:
    research = [one for one in ranked("h200") if one.card.licence in select.ONLY_RESEARCH]
    assert research and all(one.refusal and "research" in one.refusal for one in research)


def test_more_memory_never_gets_a_worse_model() -> None:
    small = machines.hardware("plain-laptop-16gb")
    scores = []
    for gib in (4, 8, 16, 32, 64):
        larger = replace(small, ram=gib * 2**30, ram_free=gib * 2**30)
        cards = [one for one in CATALOGUE.cards if one.format == "gguf"]
        scores.append(select.rank(cards, larger, Wish())[0].score)
    assert scores == sorted(scores)


def row(name: str, engine: Engine) -> str:
    """As the page has it."""
    best = ranked(name, engine=engine)[0]
    plan, setup = best.plan, best.plan.setup
    where = {0: "on the CPU", -1: "all on the GPU"}.get(plan.gpu_layers, f"{plan.gpu_layers} layers on the GPU")
    where = "unified memory" if any(device.unified for device in machines.hardware(name).devices) else where
    free = f"{plan.room / 2**30:.1f} GiB"
    model = f"{best.card.id} ({best.card.format.upper()}, {where})"
    speed = f"{plan.speed.writing:.0f}, {plan.speed.reading:.0f}"
    asked = name if engine == "auto" else f"{name} `--engine {engine}`"
    return f"| {asked} | {free} | {model} | {setup.context // 1024}k, {setup.seats}, {setup.kv} | {speed} |"


if __name__ == "__main__":
    for each in CHOSEN:
        for asked in ENGINES[: 2 if each in CHOSEN_FOR_MLX else 1]:
            print(row(each, asked))

"""Models, fits and facts."""

import dataclasses
import os
import time
from pathlib import Path

import pytest
from localswarm.state import State
from localswarm.state.fits import Fit, Load, file_key
from localswarm.state.strengths import Calls, Score

PATH = Path("/models/a.gguf")
LOAD = Load("aa" * 32, 8192, 8, "f16", 28, "cuda:0")
FIT = Fit(2**30, 6 * 2**30, 2**29, 7 * 2**30, "llama.cpp 0.3.36", 2500.5, 61.0, 1000.0)


def test_a_hash_is_kept_while_the_file_is_the_same(state: State) -> None:
    state.models.remember(PATH, 10, 111, "found", "ab")
    state.models.remember(PATH, 10, 111, "found")
    assert state.models.sha256(PATH, 10, 111) == "ab"
    assert state.models.sha256(PATH, 10, 112) is None
    assert state.models.sha256(PATH, 11, 111) is None
    assert state.models.sha256(Path("/other.gguf"), 10, 111) is None


@pytest.mark.parametrize("size, mtime_ns", [(11, 111), (10, 112)])
def test_a_hash_is_forgotten_when_the_file_changes(state: State, size: int, mtime_ns: int) -> None:
    state.models.remember(PATH, 10, 111, "found", "ab")
    state.models.remember(PATH, size, mtime_ns, "found")
    model = state.models.find(PATH)
    assert model and (model.size, model.mtime_ns, model.sha256, model.checked_at) == (size, mtime_ns, None, None)


def test_a_new_hash_takes_the_place_of_the_old_one(state: State) -> None:
    state.models.remember(PATH, 10, 111, "downloaded", "ab")
    state.models.remember(PATH, 10, 111, "downloaded", "cd")
    model = state.models.find(PATH)
    assert model and model.sha256 == "cd" and model.checked_at and time.time() - model.checked_at < 10


def test_models_come_in_the_order_of_their_last_use(state: State) -> None:
    for name in ("/c", "/b", "/a"):
        state.models.remember(Path(name), 1, 1, "embedded")
    state.models.used(Path("/b"))
    state.models.used(Path("/c"))
    assert [str(model.path) for model in state.models.all()] == ["/c", "/b", "/a"]
    state.models.remember(Path("/c"), 1, 1, "embedded")
    assert state.models.all()[0].path == Path("/c")
    state.models.forget(Path("/c"))
    assert state.models.find(Path("/c")) is None


def test_a_path_that_is_not_text(state: State) -> None:
    path = Path(os.fsdecode(b"/models/caf\xe9.gguf"))
    state.models.remember(path, 2**40, 2**62, "found", "ab")
    assert state.models.all()[0].path == path
    assert state.fits.find(dataclasses.replace(LOAD, file=file_key(path, 1, None))) is None


def test_a_fit_is_found_by_its_exact_load_and_the_latest_wins(state: State) -> None:
    state.fits.remember(LOAD, FIT)
    assert state.fits.find(LOAD) == FIT
    newer = dataclasses.replace(FIT, ram=5, reading=None, measured_at=0)
    state.fits.remember(LOAD, newer)
    found = state.fits.find(LOAD)
    assert found and dataclasses.replace(found, measured_at=0) == newer and time.time() - found.measured_at < 10


@pytest.mark.parametrize(
    "change",
    [{"file": "x"}, {"context": 1}, {"seats": 1}, {"kv_type": "q8_0"}, {"device_layers": 0}, {"device": "cuda:1"}],
)
def test_another_load_has_no_fit(state: State, change: dict[str, object]) -> None:
    state.fits.remember(LOAD, FIT)
    assert state.fits.find(dataclasses.replace(LOAD, **change)) is None  # type: ignore[arg-type]


def test_a_file_is_known_by_its_content_or_else_by_path_and_size() -> None:
    assert file_key(PATH, 10, "ab") == file_key(Path("/other"), 10, "ab") == "ab"
    assert file_key(PATH, 10, None) != file_key(PATH, 11, None)


@pytest.mark.parametrize("value", [38.25, 7, "auto"])
def test_a_fact_is_about_its_subject(state: State, value: float | int | str) -> None:
    state.facts.remember("bandwidth", "old processor", 1.0)
    state.facts.remember("bandwidth", "old processor", value)
    fact = state.facts.find("bandwidth", "old processor")
    assert fact and fact.value == value and type(fact.value) is type(value) and time.time() - fact.measured_at < 10
    assert state.facts.find("bandwidth", "new processor") is None


def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    with State(tmp_path) as state:
        state.fits.remember(LOAD, FIT)
    with State(tmp_path) as state:
        assert state.fits.find(LOAD) == FIT


def test_a_self_test_is_known_for_this_model_engine_and_version_only(state: State) -> None:
    state.strengths.remember_test("m", "engine 1", "v1", Score(15, 22))
    state.strengths.remember_test("m", "engine 1", "v1", Score(16, 22))
    assert state.strengths.find_test("m", "engine 1", "v1") == Score(16, 22)
    for other in (("n", "engine 1", "v1"), ("m", "engine 2", "v1"), ("m", "engine 1", "v2")):
        assert state.strengths.find_test(*other) is None


def test_outcomes_of_calls_are_replaced(state: State) -> None:
    assert state.strengths.find_calls("m") is None
    for calls in (Calls(3, 1, 100.0), Calls(4.5, 1, 200.0)):
        state.strengths.remember_calls("m", calls)
        assert state.strengths.find_calls("m") == calls

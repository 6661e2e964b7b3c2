"""A GPU is compiled for where its compiler and its driver are both here."""

from pathlib import Path

import pytest

from bootstrap import accelerator as module
from bootstrap.accelerator import accelerator, everywhere, flags, for_processor


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux machine with nothing of the kind."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.setattr(module, "CUDA_COMPILERS", (str(tmp_path / "nvcc"),))
    monkeypatch.setattr(module, "CUDA_DRIVERS", (str(tmp_path / "version"),))
    monkeypatch.setattr(module, "ROCM", str(tmp_path / "rocm"))
    monkeypatch.setattr(module, "ROCM_DRIVER", str(tmp_path / "kfd"))
    return tmp_path


def test_nothing_is_there() -> None:
    assert accelerator() is None


def test_cuda_needs_both(bare: Path) -> None:
    (bare / "nvcc").touch()
    assert accelerator() is None
    (bare / "version").touch()
    found = accelerator()
    assert found and found.name == "CUDA" and "-DGGML_CUDA=on" in found.cmake


def test_rocm_needs_both(bare: Path) -> None:
    (bare / "kfd").touch()
    (bare / "rocm" / "llvm" / "bin").mkdir(parents=True)
    assert accelerator() is None
    (bare / "rocm" / "llvm" / "bin" / "clang++").touch()
    found = accelerator()
    assert found and found.name == "ROCm"


def test_the_users_own_arguments_come_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nvcc", "version"):
        (bare / name).touch()
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_VULKAN=on")
    assert accelerator() is None


def test_the_flags_are_one_setting_of_one_package() -> None:
    assert flags(("-DA=on", "-DB=2")) == ("--config-settings-package", "llama-cpp-python:cmake.args=-DA=on;-DB=2")
    assert flags(()) == ()


def test_an_intel_or_amd_processor_gets_its_own_products(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (argument,) = for_processor(tmp_path)
    name, _, file = argument.partition("=")
    assert name == "-DCMAKE_PROJECT_ggml_INCLUDE"
    assert Path(file).read_bytes() == module.QUICK_PRODUCTS.read_bytes() and tmp_path in Path(file).parents
    assert for_processor(tmp_path) == (argument,)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert for_processor(tmp_path) == ()


def test_the_users_own_arguments_are_the_only_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_NATIVE=off")
    assert for_processor(tmp_path) == ()
    assert everywhere() == ()


def test_a_model_can_lie_on_several_machines_wherever_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    assert everywhere() == ("-DGGML_RPC=ON", "-DGGML_RPC_RDMA=OFF")

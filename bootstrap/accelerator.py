"""What llama.cpp is compiled for: a GPU where its maker's compiler and its driver are both here, and this processor."""

import hashlib
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

CUDA_COMPILERS = ("/usr/local/cuda/bin/nvcc", "/opt/cuda/bin/nvcc")
CUDA_DRIVERS = ("/proc/driver/nvidia/version", "/dev/dxg")
ROCM = "/opt/rocm"
ROCM_DRIVER = "/dev/kfd"
COMPILED = "llama-cpp-python"
QUICK_PRODUCTS = Path(__file__).with_name("llama_cpp.cmake")


@dataclass(frozen=True)
class Accelerator:
    name: str
    cmake: tuple[str, ...]


def flags(cmake: tuple[str, ...]) -> tuple[str, ...]:
    """For uv; what was compiled with other settings is then not taken out of its cache."""
    return ("--config-settings-package", f"{COMPILED}:cmake.args={';'.join(cmake)}") if cmake else ()


def has_quick_products() -> bool:
    """On any such machine, with a GPU or without; but CMAKE_ARGS of the user's own say it all."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and not os.environ.get("CMAKE_ARGS")


def everywhere() -> tuple[str, ...]:
    """CMake's arguments: a model may lie on several machines. A channel of its own, past the encrypted one, it must not
    have."""
    return () if os.environ.get("CMAKE_ARGS") else ("-DGGML_RPC=ON", "-DGGML_RPC_RDMA=OFF")


def for_processor(cache: Path) -> tuple[str, ...]:
    """CMake's arguments. What they name lies in uv's cache: what was compiled is found there by its arguments, and
    another checkout has the same."""
    if not has_quick_products():
        return ()
    text = QUICK_PRODUCTS.read_bytes()
    named = cache.absolute() / "localswarm" / f"{hashlib.sha256(text).hexdigest()[:12]}.cmake"
    named.parent.mkdir(parents=True, exist_ok=True)
    named.write_bytes(text)
    return (f"-DCMAKE_PROJECT_ggml_INCLUDE={named}",)


def accelerator() -> Accelerator | None:
    """None: for the processor, on a Mac for Metal too; or CMAKE_ARGS of the user's own say what to do."""
    if sys.platform != "linux" or os.environ.get("CMAKE_ARGS"):
        return None
    nvcc = shutil.which("nvcc") or first_of(CUDA_COMPILERS)
    if nvcc and first_of(CUDA_DRIVERS):
        cmake = ("-DGGML_CUDA=on", f"-DCMAKE_CUDA_COMPILER={nvcc}", "-DCMAKE_CUDA_ARCHITECTURES=native")
        return Accelerator("CUDA", cmake)
    clang = Path(ROCM, "llvm", "bin", "clang++")
    if clang.exists() and Path(ROCM_DRIVER).exists():
        return Accelerator("ROCm", ("-DGGML_HIP=on", f"-DCMAKE_HIP_COMPILER={clang}", f"-DCMAKE_PREFIX_PATH={ROCM}"))
    return None


def first_of(paths: tuple[str, ...]) -> str | None:
    return next((path for path in paths if Path(path).exists()), None)

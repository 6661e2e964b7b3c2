"""What this build of llama.cpp can compute on: `python -m localswarm.engines.llama_cpp.backends` prints it as JSON.

In a process of its own: drivers are loaded, and a broken one may take the process with it.
"""

import ctypes
import json
import os
import sys
from dataclasses import asdict, dataclass

KINDS = {0: "cpu", 1: "gpu", 2: "integrated gpu", 3: "accelerator", 4: "meta"}


@dataclass(frozen=True, slots=True)
class Backend:
    """A device of ggml."""

    name: str  # "CUDA0", "Metal", "Vulkan0", "CPU"
    description: str
    kind: str
    total: int  # bytes
    free: int


def backends() -> list[Backend]:
    from llama_cpp import _ggml, llama_backend_init

    llama_backend_init()
    ggml = _ggml.libggml
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    return [_read(ggml, ggml.ggml_backend_dev_get(i)) for i in range(ggml.ggml_backend_dev_count())]


def _read(ggml: ctypes.CDLL, device: int) -> Backend:
    for name in ("ggml_backend_dev_name", "ggml_backend_dev_description"):
        getattr(ggml, name).restype = ctypes.c_char_p
        getattr(ggml, name).argtypes = [ctypes.c_void_p]
    ggml.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size = ctypes.POINTER(ctypes.c_size_t)
    ggml.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size, size]
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    texts = [
        getattr(ggml, f"ggml_backend_dev_{what}")(device).decode("utf-8", "replace") for what in ("name", "description")
    ]
    kind = KINDS.get(ggml.ggml_backend_dev_type(device), "other")
    return Backend(texts[0], texts[1], kind, total.value, free.value)


if __name__ == "__main__":
    # Drivers print what they like to stdout.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    json.dump([asdict(backend) for backend in backends()], output)
    output.close()
    sys.stdout.flush()

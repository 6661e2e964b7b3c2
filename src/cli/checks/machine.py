"""The machine's hardware, and whether the engine can use it."""

import json
import subprocess
import sys
from typing import Any

from ... import settings
from .finding import Finding, Situation, fail, ok, warn
from .python import SET_UP_AGAIN

GIB = 2**30
LEAST_FREE, COMFORTABLE_FREE = GIB // 4, 2 * GIB
ENGINE_SECONDS = 60
# In a process of its own: a native library that was built for another processor ends its process.
ASK_ENGINE = """
import json, llama_cpp
print(json.dumps({
    "version": llama_cpp.__version__,
    "gpu": llama_cpp.llama_supports_gpu_offload(),
    "system": llama_cpp.llama_print_system_info().decode(),
}))
"""


def check_hardware(situation: Situation) -> Finding:
    return ok(detected().describe())


def check_memory(situation: Situation) -> Finding:
    found = detected()
    said = f"{found.ram_free / GIB:.1f} of {found.ram / GIB:.1f} GiB are free"
    if found.ram_free < LEAST_FREE:
        return fail(f"{said}, which no model fits in", "Close other programs")
    if found.ram_free < COMFORTABLE_FREE:
        return warn(f"{said}, which only small models fit in", "Close other programs")
    return ok(said)


def check_engine(situation: Situation) -> Finding:
    """It loads here, and it can use the GPUs that there are."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", ASK_ENGINE], capture_output=True, encoding="utf-8", errors="replace",
        timeout=ENGINE_SECONDS, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        return fail(f"llama.cpp cannot be loaded here: {_why(ended)}", SET_UP_AGAIN)
    engine = json.loads(ended.stdout.splitlines()[-1])
    said = f"llama-cpp-python {engine['version']}, {'with' if engine['gpu'] else 'without'} GPU"
    gpus = [device.name for device in detected().devices]
    if gpus and not engine["gpu"]:
        mend = f"{SET_UP_AGAIN} (with the tools of the GPU's maker installed)"
        return warn(f"{said}, although this machine has {', '.join(gpus)}: models run on the processor", mend)
    return ok(f"{said}; it uses {', '.join(features(engine['system'])) or 'no special instructions'}")


def detected() -> Any:
    # Here and not above: where the server cannot be loaded, the other checks still tell why.
    from ...node.machine import glance

    return glance(settings.foreign())


def features(system: str) -> list[str]:
    """`CPU : SSE3 = 1 | AVX = 0 |` -> what is 1."""
    pairs = (part.split(":")[-1].partition("=") for part in system.split("|"))
    return [name.strip() for name, _, value in pairs if value.strip() == "1"]


def _why(ended: subprocess.CompletedProcess[str]) -> str:
    if ended.returncode < 0:
        return f"it ended by signal {-ended.returncode}"
    lines = ended.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit code {ended.returncode}"

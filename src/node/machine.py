"""This machine as the choice of a model sees it: only what the engine can really compute on."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace

from ..hardware import bandwidth, machine
from ..hardware.machine import Hardware
from ..state import State

PROBE = (sys.executable, "-m", "localswarm.engines.llama_cpp.backends")
PROBE_SECONDS = 20
GPUS = ("gpu", "integrated gpu")
BANDWIDTH = "cpu bandwidth"
MEASURE_AGAIN_SECONDS = 600  # it takes a third of a second, which a start has now and then


def glance(variables: Mapping[str, str]) -> Hardware:
    """Nothing is measured or kept."""
    return machine.detect(variables)


def see(variables: Mapping[str, str], state: State) -> Hardware:
    seen = machine.detect(variables)
    return replace(seen, cpu=replace(seen.cpu, bandwidth=_bandwidth(seen, state)))


def usable(seen: Hardware) -> tuple[Hardware, str | None]:
    """Without the accelerators that this build of the engine cannot use; and a word about them."""
    if not seen.devices or _has_gpu_backend():
        return seen, None
    names = ", ".join(device.name for device in seen.devices)
    return replace(
        seen, devices=()
    ), f"{names}: not used, for the engine was built without it. See: python main.py doctor"


def _has_gpu_backend() -> bool:
    try:
        done = subprocess.run(PROBE, capture_output=True, text=True, timeout=PROBE_SECONDS, check=True)
        return any(backend["kind"] in GPUS for backend in json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return False


def _bandwidth(seen: Hardware, state: State) -> float:
    """The most that this processor has shown: whatever else runs meanwhile can only take from it."""
    subject = f"{seen.cpu.name}, {seen.cpu.cores} cores"
    known = state.facts.find(BANDWIDTH, subject)
    if known and 0 <= time.time() - known.measured_at < MEASURE_AGAIN_SECONDS:
        return float(known.value)
    most = max(bandwidth.measure_cpu(), float(known.value) if known else 0.0)
    state.facts.remember(BANDWIDTH, subject, most)
    return most

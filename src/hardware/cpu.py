"""The processor: its name, the cores that count, and the instructions that matter to llama.cpp."""

from collections.abc import Iterator
from dataclasses import dataclass

from . import limits, recording
from .readings import Readings

CPUINFO = "/proc/cpuinfo"
# Linux's names, and what we call them where ARM's differ.
FEATURES = {
    **{name: name for name in ("avx", "avx2", "avx_vnni", "f16c", "fma", "avx512f", "avx512bw", "avx512_vnni")},
    **{name: name for name in ("avx512_bf16", "amx_int8", "amx_bf16", "sve", "sve2", "i8mm", "bf16", "sme")},
    **{"asimd": "neon", "neon": "neon", "asimddp": "dotprod", "asimdhp": "fp16"},
}
# What sysctl on macOS calls the same.
MAC_FEATURES = {
    **{f"hw.optional.{name}": name for name in ("avx512f", "f16c", "fma", "neon")},
    **{"hw.optional.avx1_0": "avx", "hw.optional.avx2_0": "avx2", "hw.optional.AdvSIMD": "neon"},
    **{f"hw.optional.arm.FEAT_{name}": name.lower() for name in ("DotProd", "I8MM", "BF16", "FP16", "SME")},
}
# ARM's processors say a number instead of a name.
PARTS = {
    **{
        "0x41:0xd03": "Cortex-A53",
        "0x41:0xd08": "Cortex-A72",
        "0x41:0xd0b": "Cortex-A76",
        "0x41:0xd42": "Cortex-A78AE",
    },
    **{
        "0x41:0xd46": "Cortex-A510",
        "0x41:0xd47": "Cortex-A710",
        "0x41:0xd80": "Cortex-A520",
        "0x41:0xd81": "Cortex-A720",
    },
    **{
        "0x41:0xd85": "Cortex-X925",
        "0x41:0xd87": "Cortex-A725",
        "0x41:0xd83": "Neoverse-V3AE",
        "0x41:0xd05": "Cortex-A55",
    },
    **{
        "0x41:0xd0c": "Neoverse-N1",
        "0x41:0xd49": "Neoverse-N2",
        "0x41:0xd40": "Neoverse-V1",
        "0x41:0xd4f": "Neoverse-V2",
    },
    **{"0x4e:0x004": "NVIDIA Carmel", "0x51:0x001": "Qualcomm Oryon", "0xc0:0xac3": "Ampere-1"},
}


@dataclass(frozen=True, slots=True)
class Cpu:
    name: str
    cores: int  # that this process may use
    features: frozenset[str] = frozenset()
    bandwidth: float = 0.0  # bytes per second; 0.0 until somebody measured it


def understand(readings: Readings) -> Cpu:
    return Cpu(name(readings), count(readings), features(readings))


def cores() -> int:
    """Of this machine, now, without asking any tool."""
    return count(recording.processor())


def count(readings: Readings) -> int:
    """Physical cores, as far as this process and its container may use them: a second thread on one core of
    the same matrix product only waits for the first."""
    allowed = readings.counts.get("allowed_cores", 0) or 1
    physical = readings.counts.get("physical_cores", 0) or allowed
    return max(1, min(physical, allowed, limits.cores(readings.files) or physical))


def name(readings: Readings) -> str:
    if readings.system == "darwin":
        found = sysctl(readings).get("machdep.cpu.brand_string")
    else:
        found = name_in_cpuinfo(readings.files.get(CPUINFO, ""))
    return found or readings.processor or "unknown processor"


def name_in_cpuinfo(text: str) -> str | None:
    said = dict(_pairs(text))
    # A Raspberry Pi calls its "Hardware" by the name of an older chip, so the numbers come first.
    for found in (said.get("model name"), _parts(text), said.get("Hardware"), said.get("cpu model")):
        if found:
            return " ".join(found.split())
    return None


def _parts(text: str) -> str:
    """`Cortex-X925 + Cortex-A725`; empty where one of them is unknown to us."""
    maker, found = "", []
    for key, value in _pairs(text):
        if key == "CPU implementer":
            maker = value
        elif key == "CPU part":
            found.append(PARTS.get(f"{maker}:{value}", ""))
    return " + ".join(dict.fromkeys(found)) if all(found) else ""


def features(readings: Readings) -> frozenset[str]:
    if readings.system == "darwin":
        said = sysctl(readings)
        return frozenset(ours for theirs, ours in MAC_FEATURES.items() if said.get(theirs) == "1")
    return features_in_cpuinfo(readings.files.get(CPUINFO, ""))


def features_in_cpuinfo(text: str) -> frozenset[str]:
    """What every core can do: the kernel may run any thread on any of them."""
    each = [set(value.split()) for key, value in _pairs(text) if key in ("flags", "Features")]
    return frozenset(FEATURES[flag] for flag in set.intersection(*each) & set(FEATURES)) if each else frozenset()


def sysctl(readings: Readings) -> dict[str, str]:
    return dict(_pairs(readings.commands.get("sysctl", "")))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if value.strip():
            yield key.strip(), value.strip()

"""AMD's GPUs under ROCm, from what the kernel says of them in /sys. Parsing is pure.

rocm-smi and amd-smi read the same files and are often not installed, so they are not asked.

A GPU inside a processor (APU) has two memories, and ROCm takes a model's memory from one of them only: from the
part of the RAM that the firmware set aside for it (the carve-out), or, where more of the RAM is open to it through
the GTT, from there. So the larger one counts. Their sum, which tools like to show, can be more than the machine has.

Which of them are worth taking: those whose instruction set ROCm's libraries are built for. The others, like the
Vega of a Ryzen 7 5700U (gfx90c, 512 MB), read the same RAM no faster than the processor beside them, and with kernels
that nobody built for them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import bandwidth, visible
from .device import Device, Usage
from .memory import Memory
from .readings import Readings

NODES = "/sys/class/kfd/kfd/topology/nodes"
PROCESSES = "/sys/class/kfd/kfd/proc"
RENDER = "/sys/class/drm/renderD{}/device"
NAMES = "/usr/share/libdrm/amdgpu.ids"
ACCESS = "kfd"  # among the counts: 1 where this user may use the GPUs
WORTHWHILE_APUS = ("gfx942", "gfx1150", "gfx1151")
OTHER_APUS = (
    *("gfx902", "gfx909", "gfx90c", "gfx1013", "gfx1033", "gfx1035", "gfx1036", "gfx1037"),
    *("gfx1103", "gfx1152", "gfx1153"),
)
# The MI300A shares its instruction set with a card, the MI300X; its name tells them apart.
OLDEST = 9  # ROCm has left the generations before Vega


@dataclass(frozen=True, slots=True)
class Node:
    """A GPU in the kernel's list, with the files of its driver."""

    properties: Mapping[str, int]
    files: Mapping[str, str]
    names: str
    gpu: str = ""  # its number among the driver's files of processes

    @property
    def architecture(self) -> str:
        version = self.properties["gfx_target_version"]
        return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"

    @property
    def id(self) -> str:
        return f"GPU-{self.properties.get('unique_id', 0):016x}"

    @property
    def name(self) -> str:
        chip = f"{self.properties.get('device_id', 0):X}"
        revision = self.files.get("revision", "").strip().removeprefix("0x").upper()
        found = re.search(rf"^{chip},\s*{re.escape(revision)},\s*(.+)$", self.names, re.MULTILINE) if revision else None
        return found[1].strip() if found else self.files.get("product_name", "").strip() or f"AMD {self.architecture}"

    @property
    def apu(self) -> bool:
        if self.architecture == "gfx942":
            return "MI300A" in self.name
        return self.architecture in WORTHWHILE_APUS + OTHER_APUS

    @property
    def device(self) -> str:
        return self.id if self.properties.get("unique_id") else str(self.properties.get("drm_render_minor", ""))

    def size(self, name: str) -> int:
        return _number(self.files.get(f"mem_info_{name}", "")) or 0

    def gtt(self, memory: Memory) -> int:
        return min(self.size("gtt_total"), memory.total)

    def shared(self, memory: Memory) -> bool:
        """Is it the RAM that it works in?"""
        return self.apu and self.gtt(memory) > self.size("vram_total")


def devices(readings: Readings, memory: Memory) -> tuple[Device, ...]:
    """Those that HIP shows to this process, in its order."""
    if not readings.counts.get(ACCESS):
        return ()
    nodes = list(_nodes(readings))
    for variables in (("ROCR_VISIBLE_DEVICES",), ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")):
        wanted = next((readings.variables[each] for each in variables if each in readings.variables), None)
        nodes = [nodes[n] for n in visible.pick(wanted, [node.id for node in nodes], len(nodes))]
    return tuple(_device(node, memory) for node in nodes if _worthwhile(node))


def usages(readings: Readings, memory: Memory, pid: int) -> Iterator[Usage]:
    """The driver counts a process's own memory only where it lies on the card."""
    for node in _nodes(readings):
        shared = node.shared(memory)
        own = readings.files.get(f"{PROCESSES}/{pid}/vram_{node.gpu}", "")
        yield Usage(
            node.device,
            _number(node.files.get(f"mem_info_{'gtt' if shared else 'vram'}_used", "")),
            None if shared else _number(own),
        )


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _nodes(readings: Readings) -> Iterator[Node]:
    found = (re.fullmatch(rf"{NODES}/(\d+)/properties", path) for path in readings.files)
    for number in sorted(int(path[1]) for path in found if path):
        properties = properties_in(readings.files[f"{NODES}/{number}/properties"])
        # Processors are in the same list; of GPUs that a container may not use it says nothing.
        if properties.get("simd_count") and properties.get("gfx_target_version"):
            folder = RENDER.format(properties.get("drm_render_minor", 0)) + "/"
            own = {path.removeprefix(folder): text for path, text in readings.files.items() if path.startswith(folder)}
            gpu = readings.files.get(f"{NODES}/{number}/gpu_id", "").strip()
            yield Node(properties, own, readings.files.get(NAMES, ""), gpu)


def properties_in(text: str) -> dict[str, int]:
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def _worthwhile(node: Node) -> bool:
    if node.apu:
        return node.architecture in WORTHWHILE_APUS
    return node.size("vram_total") > 0 and node.properties["gfx_target_version"] // 10000 >= OLDEST


def _device(node: Node, memory: Memory) -> Device:
    vram, free = node.size("vram_total"), max(0, node.size("vram_total") - node.size("vram_used"))
    gtt, shared = node.gtt(memory), node.shared(memory)
    return Device(
        kind="rocm",
        name=node.name,
        total=gtt if shared else vram,
        free=max(0, min(gtt - node.size("gtt_used"), memory.free)) if shared else free,
        bandwidth=bandwidth.of(node.name),
        unified=shared,  # the system does not count the carve-out as its memory
        id=node.device,
        architecture=node.architecture,
    )

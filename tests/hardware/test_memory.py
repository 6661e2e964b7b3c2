"""What is available, of the machine or of the container."""

import pytest
from localswarm.hardware import memory
from localswarm.hardware.memory import Memory
from localswarm.hardware.readings import Readings

MEMINFO = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 700 kB\nBuffers: 50 kB\nCached: 300 kB\n"


def test_available_counts_and_not_free() -> None:
    assert memory.in_meminfo(MEMINFO) == Memory(1000 * 1024, 700 * 1024)


def test_an_old_kernel_does_not_say_what_is_available() -> None:
    old = MEMINFO.replace("MemAvailable: 700 kB\n", "")
    assert memory.in_meminfo(old) == Memory(1000 * 1024, 450 * 1024)


@pytest.mark.parametrize("text", ["", "rubbish", "MemTotal: many kB\n", "MemFree: 10 kB\n"])
def test_rubbish_is_no_memory(text: str) -> None:
    assert memory.in_meminfo(text) is None


def test_a_mac_counts_pages() -> None:
    said = "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:   10.\nPages inactive:  5.\n"
    assert memory.in_vm_stat(said) == 15 * 16384
    assert memory.in_vm_stat(said.replace("inactive", "other")) is None
    assert memory.in_vm_stat("") is None


def test_a_container_never_has_more_than_its_host() -> None:
    files = {
        "/proc/meminfo": MEMINFO,
        "/sys/fs/cgroup/memory.max": str(900 * 1024),
        "/sys/fs/cgroup/memory.current": str(100 * 1024),
    }
    assert memory.understand(Readings("linux", files=files)) == Memory(900 * 1024, 700 * 1024)


def test_a_container_that_is_full_has_nothing_left() -> None:
    files = {"/proc/meminfo": MEMINFO, "/sys/fs/cgroup/memory.max": "1024", "/sys/fs/cgroup/memory.current": "4096"}
    assert memory.understand(Readings("linux", files=files)) == Memory(1024, 0)


@pytest.mark.parametrize("system", ["linux", "darwin", "windows", "freebsd"])
def test_what_psutil_counts_serves_where_nothing_else_is_said(system: str) -> None:
    counts = {"ram": 64, "ram_free": 32}
    assert memory.understand(Readings(system, counts=counts)) == Memory(64, 32)

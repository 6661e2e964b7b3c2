"""What is taken down of this machine, and what of it is true."""

import os
import platform
from pathlib import Path

import psutil
import pytest
from localswarm.hardware import cpu, limits, machine, recording

linux = pytest.mark.skipif(platform.system() != "Linux", reason="these files are Linux's")


def test_this_machine_is_understood() -> None:
    found = machine.detect()
    assert 1 <= found.cpu.cores <= (os.cpu_count() or 1)
    assert 0 < found.ram_free <= found.ram <= psutil.virtual_memory().total
    assert found.cpu.name in found.describe() and "GiB" in found.describe()
    assert found.cpu.cores == cpu.cores()


def test_what_is_recorded_of_this_machine_names_nobody() -> None:
    said = recording.record(dict(os.environ)).shareable()
    assert platform.node() not in said or len(platform.node()) < 4
    assert str(Path.home()) not in said or str(Path.home()) in ("/", "/root")
    assert "Serial" not in said


def test_only_the_variables_that_hide_gpus_are_kept() -> None:
    said = recording.record({"CUDA_VISIBLE_DEVICES": "0", "API_KEY": "secret"})
    assert said.variables == {"CUDA_VISIBLE_DEVICES": "0"}


def test_a_line_is_kept_once_and_a_serial_number_never() -> None:
    text = "processor\t: 0\nFeatures\t: asimd\nprocessor\t: 1\nFeatures\t: asimd\nSerial\t: 48343bbb\nModel\t: Pi\n"
    assert recording.cpu_lines(text) == "Features\t: asimd\n"


def test_files_that_are_missing_or_refused_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"text \xff")
    found = recording.read((tmp_path / "there", tmp_path / "missing", tmp_path))
    assert found == {str(tmp_path / "there"): "text \ufffd"}


@linux
def test_the_groups_of_this_process_are_recorded_without_their_names() -> None:
    files = recording.limit_files()
    own = Path(limits.OWN).read_text()
    assert files[limits.OWN] == limits.nameless(own)
    names = {part for line in own.splitlines() for part in line.split(":", 2)[2].split("/") if len(part) > 3}
    assert not [path for path in files for name in names if name in path]


@linux
def test_memory_is_what_the_kernel_says() -> None:
    files = recording.record({}).files
    total = next(int(line.split()[1]) for line in files["/proc/meminfo"].splitlines() if line.startswith("MemTotal"))
    assert psutil.virtual_memory().total == total * 1024

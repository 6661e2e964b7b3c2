"""Each thing that may be wrong with a machine ends in a sentence, the command that mends it, and no traceback."""

import errno
import shutil
from collections import namedtuple

import pytest

from bootstrap import failures, machine
from bootstrap.stop import Stop

from .checkout import Checkout, Started

# The last lines of real failures, of uv 0.13.9 and pip 26.3 unless said.
OUTPUTS = {
    "no network": (
        "error: Request failed after 3 retries in 7.0s\n  cause: Failed to fetch: the package\n"
        "  cause: client error (Connect)\n  cause: dns error\n  cause: error resolving DNS\n",
        "the package registry could not be reached",
        "HTTPS_PROXY",
    ),
    "pip without network": (
        "ERROR: Could not find a version that satisfies the requirement uv==0.13.9 (from versions: none)\n"
        "ERROR: No matching distribution found for uv==0.13.9\n",
        "the package registry could not be reached",
        "UV_DEFAULT_INDEX",
    ),
    "certificate": (
        "error: Failed to fetch: the package\n  cause: invalid peer certificate: UnknownIssuer\n",
        "is not trusted here",
        "SSL_CERT_FILE=",
    ),
    "hashes": (
        "error: Failed to download `numpy==2.5.5`\n  cause: Hash mismatch for `numpy==2.5.5`\n\n         Expected:\n",
        "not the one that the lock file names",
        "git checkout -- '*.lock'",
    ),
    "disk": (
        "error: Failed to install: numpy\n  cause: No space left on device (os error 28)\n",
        "the disk became full",
        "df -h",
    ),
    "memory": (
        "DEBUG c++: fatal error: Killed signal terminated program cc1plus\nDEBUG compilation terminated.\n"
        "error: Failed to build `llama-cpp-python==0.3.36`\n",
        "the compiler ran out of memory",
        "CMAKE_BUILD_PARALLEL_LEVEL=1",
    ),
    "compiler": (
        "error: Failed to build `llama-cpp-python==0.3.36`\n         CMake Error: CMAKE_CXX_COMPILER not set, after "
        "EnableLanguage\n",
        "the C or C++ compiler is missing or broken",
        "g++",
    ),
    "cmake": (
        "error: Failed to build `cmake==4.4.4`\n  cause: The build backend returned an error\n",
        "cmake is missing or too old",
        "install --yes cmake",
    ),
    "venv": (
        "The virtual environment was not created successfully because ensurepip is not\navailable.\n",
        "this Python comes without venv",
        "-venv",
    ),
    "permission": (
        "error: failed to create directory `/somewhere/cache`: Permission denied (os error 13)\n",
        "a folder cannot be written",
        "chmod -R u+w",
    ),
    "something else": (
        "Resolved 22 packages\nerror: The wheel is invalid\n",
        "error: The wheel is invalid",
        "rm -rf",
    ),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_the_cause_is_read_from_the_output(checkout: Checkout, case: str) -> None:
    output, meaning, mend = OUTPUTS[case]
    checkout.add_program("apt-get", "#!/bin/sh\n")
    checkout.tell_uv("fail", output)
    started = checkout.run("--auto")
    assert_stopped(started, meaning, mend)
    assert f"The full output: {checkout.root}/.localswarm/setup.log\n" in started.err
    assert output in (checkout.root / ".localswarm/setup.log").read_text()
    assert not checkout.stamp.exists()


@pytest.mark.parametrize("compiler, language", [("cc", "C"), ("c++", "C++")])
@pytest.mark.parametrize(
    "installer, command",
    [("apt-get", "apt-get install --yes gcc g++"), ("dnf", "dnf install --assumeyes gcc gcc-c++"), ("", "# install")],
)
def test_a_missing_compiler_is_found_before_anything_is_fetched(
    checkout: Checkout, compiler: str, language: str, installer: str, command: str
) -> None:
    checkout.forget(compiler)
    if installer:
        checkout.add_program(installer, "#!/bin/sh\n")
    assert_stopped(checkout.run("--auto"), f"No {language} compiler was found", command)
    assert all("--offline" in call for call in checkout.uv_calls() if "-r" in call)


def test_a_compiler_that_is_chosen_but_missing(checkout: Checkout) -> None:
    assert_stopped(checkout.run("--auto", CC="/no/such/cc -O2"), "No C compiler was found")


def test_clang_alone_will_do(checkout: Checkout) -> None:
    for name in ("cc", "c++"):
        checkout.forget(name)
    for name in ("clang", "clang++"):
        checkout.add_program(name, "#!/bin/sh\n")
    assert checkout.run("--auto").wait() == 7
    assert compiled_with(checkout) == str(checkout.programs / "clang")


def test_the_compiler_that_the_user_chose_is_used(checkout: Checkout) -> None:
    checkout.add_program("my-cc", "#!/bin/sh\n")
    assert checkout.run("--auto", CC="my-cc -O2").wait() == 7
    assert compiled_with(checkout) == "my-cc -O2"


def compiled_with(checkout: Checkout) -> str:
    return (checkout.programs / "CC").read_text()


def test_a_folder_that_cannot_be_written(checkout: Checkout) -> None:
    """sysfs refuses even root."""
    (checkout.root / ".localswarm").symlink_to("/sys/kernel")
    assert_stopped(checkout.run("--auto"), "cannot be written: ", "git clone")


def test_a_disk_that_becomes_full(checkout: Checkout) -> None:
    (checkout.root / ".localswarm").mkdir()
    (checkout.root / ".localswarm/setup.log").symlink_to("/dev/full")
    assert_stopped(checkout.run("--auto"), "The disk became full", "df -h")


def test_a_disk_with_too_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**12, 10**12, 400 * 10**6))
    with pytest.raises(Stop, match="too full: 400 MB are free and 1000 MB are needed"):
        machine.check_machine()


def test_a_missing_lock_file(checkout: Checkout) -> None:
    (checkout.root / "requirements.lock").unlink()
    assert_stopped(checkout.run("--auto"), "requirements.lock is missing", "git checkout -- requirements.lock")


def test_a_library_that_does_not_load_is_found_at_once(checkout: Checkout) -> None:
    checkout.tell_uv("broken", "raise OSError('libgomp.so.1: cannot open shared object file')")
    assert_stopped(checkout.run("--auto"), "while loading llama.cpp", "libgomp.so.1")
    assert not checkout.stamp.exists()


def test_other_errors_of_the_system_are_named() -> None:
    error = OSError(errno.EIO, "Input/output error", "/somewhere")
    assert "Input/output error" in str(failures.explain_os(error))


def assert_stopped(started: Started, *texts: str) -> None:
    assert started.wait() == 1
    assert "Traceback" not in started.err
    assert started.out == ""
    for text in texts:
        assert text in started.err
    assert started.err.splitlines()[-2 - started.err.count("The full output")].startswith("localswarm: ")

"""What went wrong, read from the output of what failed."""

import errno
import re
from dataclasses import dataclass
from pathlib import Path

from bootstrap.environment import PRIVATE, ROOT
from bootstrap.machine import delete, install_command, make_room
from bootstrap.stop import Stop, same_command


@dataclass(frozen=True)
class Cause:
    """What an output may hold, what it then means, and the command that mends it, with its `words` left open."""

    pattern: str
    meaning: str
    mend: str


# The first that fits counts. The output of a failed compile is long and says many things: the patterns are narrow.
CAUSES = (
    Cause(r"No space left on device|Disk quota exceeded", "the disk became full", "{make_room}"),
    Cause(
        r"Hash mismatch|DO NOT MATCH THE HASHES",
        "a package is not the one that the lock file names (a damaged download, or a mirror with files of its own)",
        "git checkout -- '*.lock' && {delete_cache} && {again}",
    ),
    Cause(
        r"invalid peer certificate|UnknownIssuer|CERTIFICATE_VERIFY_FAILED",
        "the certificate of the package registry is not trusted here (a company's proxy, perhaps)",
        "SSL_CERT_FILE=/path/to/the/proxy's/root.pem {again}",
    ),
    Cause(
        r"dns error|error sending request|operation timed out|Failed to (fetch|download)|tunnel error"
        r"|NewConnectionError|Failed to establish a new connection|Read timed out|ConnectTimeout|No matching distr",
        "the package registry could not be reached",
        "{again}    # when the network is back; behind a proxy: HTTPS_PROXY=..., a mirror: UV_DEFAULT_INDEX=...",
    ),
    Cause(r"ensurepip is not|No module named '?(venv|ensurepip)", "this Python comes without venv", "{install_venv}"),
    Cause(
        r"Killed signal terminated program|fatal error: Killed|[Cc]annot allocate memory|virtual memory exhausted",
        "the compiler ran out of memory",
        "CMAKE_BUILD_PARALLEL_LEVEL=1 {again}",
    ),
    Cause(
        r"Failed to build .?(cmake|ninja)|Could not find CMake|CMake \S+ or higher is required|CMake .*not found",
        "cmake is missing or too old, and there is no package of it for this machine",
        "{install_cmake}",
    ),
    Cause(
        r"CMAKE_C(XX)?_COMPILER|Could not find compiler|is not able to compile a simple test",
        "the C or C++ compiler is missing or broken",
        "{install_compiler}",
    ),
    Cause(
        r"Permission denied|Read-only file system", "a folder cannot be written", "chmod -R u+w {private} && {again}"
    ),
)


def words() -> dict[str, str]:
    return {
        "again": same_command(),
        "delete_cache": delete(PRIVATE / "cache"),
        "make_room": make_room(),
        "private": str(PRIVATE),
        **{f"install_{thing}": install_command(thing) for thing in ("compiler", "cmake", "venv")},
    }


def explain(title: str, output: bytes, log: Path) -> Stop:
    text = output.decode(errors="replace")
    found = next((cause for cause in CAUSES if re.search(cause.pattern, text)), None)
    meaning = f"{found.meaning}." if found else last_error(text)
    mend = found.mend.format(**words()) if found else f"{delete(PRIVATE)} && {same_command()}"
    return Stop(f"Set-up failed while {title}: {meaning}", f"{mend}\n  The full output: {log}")


def last_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines)[-1]


def explain_os(error: OSError) -> Stop:
    if error.errno == errno.ENOSPC:
        return Stop("The disk became full during set-up.", make_room())
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        what = f"{error.filename or PRIVATE} cannot be written: {error.strerror}."
        return Stop(what, f"git clone {ROOT} ~/localswarm && cd ~/localswarm && {same_command()}")
    return Stop(f"Set-up failed: {error}.", f"{delete(PRIVATE)} && {same_command()}")

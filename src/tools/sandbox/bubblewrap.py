"""The command that runs another one in bubblewrap. Pure, but for a look at how the system's folders lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .limits import Limits

HOME = "/tmp"
# Where /usr is merged these are links into it.
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64")
# Many programs of /usr are found through these.
PIECES = ("/etc/alternatives", "/etc/ld.so.cache")
OPEN_FILES = 256
# What is installed by hand counts too where somebody's own project is worked on.
PROJECT_PATH = "/usr/local/bin:/usr/bin:/bin"
# Where what is looked through lies.
LOOKED_AT = "/looked-at"
# Node and others reserve far more addresses than they ever use.
RESERVED = 8


@dataclass(frozen=True, slots=True)
class Ends:
    """Descriptors. `told`: where bwrap says which process is the first one inside; `filter`: where it finds which calls
    of the system are refused (sockets.py)."""

    told: int
    filter: int


def command(bwrap: str, inside: Sequence[str], readable: Sequence[Path], limits: Limits) -> list[str]:
    places = [*_system(Path("/")), *_own(limits), "--chdir", HOME, *_more(readable), *_closed()]
    return [bwrap, *_walls(), *places, "--", *_bounded(limits), *inside]


def project_command(
    bwrap: str, inside: Sequence[str], mounts: Sequence[str], folder: str, ends: Ends, limits: Limits
) -> list[str]:
    """For a folder that is worked in. `mounts`: what it is made of (mounts.py)."""
    places = [*_system(Path("/")), *_own(limits), *mounts, "--chdir", folder, *_closed()]
    return [bwrap, *_walls(), *_joined(ends), *places, "--", *_first_to_go(), *_bounded(limits, roomy=True), *inside]


def looking_command(bwrap: str, inside: Sequence[str], folder: int, ends: Ends, limits: Limits) -> list[str]:
    """Sees one folder, which is given by its descriptor, and the system's own programs; writes nowhere."""
    places = [*_system(Path("/")), "--ro-bind-fd", str(folder), LOOKED_AT, "--chdir", LOOKED_AT, "--remount-ro", "/"]
    return [bwrap, *_walls(), *_joined(ends), *places, "--", *_bounded(limits, roomy=True), *inside]


def _walls() -> Iterator[str]:
    # Without a user namespace of its own, another one inside could be made: most holes in kernels need one.
    yield from ("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session")
    yield from ("--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", HOME)
    yield from ("--setenv", "LANG", "C.UTF-8")


def _joined(ends: Ends) -> Iterator[str]:
    yield from ("--setenv", "PATH", PROJECT_PATH, "--info-fd", str(ends.told), "--seccomp", str(ends.filter))


def _system(root: Path) -> Iterator[str]:
    yield from ("--ro-bind", str(root / "usr"), "/usr")
    for name in SYSTEM:
        place = root / name
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), f"/{name}")
        elif place.is_dir():
            yield from ("--ro-bind", str(place), f"/{name}")
    for piece in PIECES:
        yield from ("--ro-bind-try", piece, piece)


def _own(limits: Limits) -> Iterator[str]:
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--size", str(limits.folder), "--tmpfs", HOME)


def _more(readable: Sequence[Path]) -> Iterator[str]:
    """After our own places: some may lie in them."""
    for place in readable:
        yield from ("--ro-bind", str(place), str(place))


def _closed() -> Iterator[str]:
    """Both are memory without a limit as long as they can be written to."""
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")


def _first_to_go() -> Iterator[str]:
    """Where memory gets scarce the kernel ends what has this score, and not the node or the user's own programs."""
    yield from ("choom", "-n", "1000", "--")


def _bounded(limits: Limits, roomy: bool = False) -> Iterator[str]:
    """Set inside: outside, the number of processes counts all that the user has."""
    # A second more than the soft limit, for a program that wants to live on.
    yield from ("prlimit", f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}")
    yield from (f"--as={limits.memory * RESERVED}", f"--data={limits.memory}") if roomy else (f"--as={limits.memory}",)
    yield from (f"--nproc={limits.processes}", f"--fsize={limits.file}", f"--nofile={OPEN_FILES}", "--core=0", "--")

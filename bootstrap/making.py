"""Makes a private environment: alone, from the lock files, safe to interrupt at any moment."""

import errno
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bootstrap.accelerator import COMPILED, accelerator, everywhere, flags, for_processor
from bootstrap.environment import BUILD_LOCK, PRIVATE, ROOT, Environment, read_lock
from bootstrap.failures import explain_os
from bootstrap.machine import check_machine
from bootstrap.progress import Screen, clock
from bootstrap.shell import LOG, LOOKS_EVERY, SCRATCH, Shell, has_own_cache, settings
from bootstrap.stop import Stop

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OLDEST_UV = (0, 9)  # as in pyproject.toml; 0.9.0 was tried.


def make(environment: Environment) -> None:
    """Make it anew, unless another start that we waited for has just done so."""
    screen = Screen(sys.stderr)
    try:
        with interruptible(), only_one(screen) as lock:
            if environment.is_running() or not environment.is_current():
                make_anew(environment, screen, lock)
    except OSError as error:
        raise explain_os(error) from error
    finally:
        screen.clear()


def make_anew(environment: Environment, screen: Screen, lock: int) -> None:
    screen.say(f"Local Swarm sets itself up, once: minutes, where llama.cpp has to be compiled. Full output: {LOG}")
    remove(environment)
    SCRATCH.mkdir()
    try:
        with LOG.open("wb") as log:
            fill(environment, Shell(screen, log, lock))
        write_stamp(environment)
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    screen.say(f"Ready after {clock(screen.elapsed())}.")


def remove(environment: Environment) -> None:
    """The stamp goes first: from here on until a new one, whatever lies there does not count."""
    environment.stamp.unlink(missing_ok=True)
    for folder in (environment.folder, SCRATCH):
        if folder.exists():
            shutil.rmtree(folder)


def write_stamp(environment: Environment) -> None:
    draft = environment.stamp.with_suffix(".draft")
    draft.write_text(environment.digest())
    draft.replace(environment.stamp)


@contextmanager
def interruptible() -> Iterator[None]:
    """A closed terminal or a SIGTERM ends a set-up like Ctrl-C does: with its children, and with one line."""
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # One that is ignored stays so: nohup means it.
    ours = [each for each in signals if signal.getsignal(each) == signal.SIG_DFL]
    for each in ours:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        again = "Nothing half-made will be used, and what was fetched is kept: start the same command again."
        raise Stop(f"Interrupted. {again}", code=130) from None
    finally:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def only_one(screen: Screen) -> Iterator[int]:
    """Hold the set-up lock. Every child holds it too: after a SIGKILL it is free only when our orphans have ended."""
    PRIVATE.mkdir(exist_ok=True)
    with (PRIVATE / "setup.lock").open("a") as handle:
        while not is_taken(handle):
            screen.show("another start is setting up this checkout; waiting for it")
            time.sleep(LOOKS_EVERY)
        yield handle.fileno()


def is_taken(handle: TextIO) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def fill(environment: Environment, shell: Shell) -> None:
    uv = make_empty(environment, shell)
    into = ("--python", str(environment.python), "--no-deps", "--build-constraints", str(ROOT / BUILD_LOCK))
    install = (uv, "pip", "install", "--verbose", *into)
    install_packages(environment, shell, (*install, "--require-hashes"))
    install_checkout(shell, install)
    # A library that this machine cannot load should fail here, with its cause, and not in the middle of a first answer.
    shell.run("loading llama.cpp", str(environment.python), "-c", "import llama_cpp, localswarm")
    if has_own_cache():
        shell.tries("tidying the cache", uv, "cache", "prune")


def make_empty(environment: Environment, shell: Shell) -> str:
    """An environment without packages, and the uv that fills it: the user's own, or one inside."""
    # The Python below, for the running one may live in the very folder that is made anew.
    python: str = getattr(sys, "_base_executable", sys.executable)
    title = "making a private environment"
    if uv := uv_on_path():
        shell.run(title, uv, "venv", "--python", python, str(environment.folder))
        return uv
    check_machine()
    shell.run(title, python, "-m", "venv", str(environment.folder))
    pip = (str(environment.python), "-m", "pip", "install", "--disable-pip-version-check")
    shell.run("fetching uv, the installer", *pip, "--no-deps", "--require-hashes", "-r", part(BUILD_LOCK, "uv"))
    return str(environment.scripts / "uv")


def uv_on_path() -> str | None:
    uv = shutil.which("uv")
    if uv is None:
        return None
    said = subprocess.run([uv, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"uv (\d+)\.(\d+)", said)
    return uv if version and tuple(map(int, version.groups())) >= OLDEST_UV else None


def install_packages(environment: Environment, shell: Shell, install: tuple[str, ...]) -> None:
    """For the GPU that is here; where that cannot be compiled, for the processor alone, and that is said."""
    found = accelerator()
    ours = (*everywhere(), *for_processor(Path(settings()["UV_CACHE_DIR"])))
    if found:
        with_gpu = (*install, *flags((*ours, *found.cmake)))
        if install_built(environment, shell, with_gpu, f" for {found.name}", shell.tries):
            return
        shell.screen.say(f"llama.cpp could not be compiled for {found.name} (see {LOG}): the GPU will not be used.")
    install_built(environment, shell, (*install, *flags(ours)), "", shell.run)


def install_built(
    environment: Environment,
    shell: Shell,
    install: tuple[str, ...],
    for_what: str,
    last: Callable[..., bool | None],
) -> bool | None:
    """From the cache alone where it holds them all, which needs no network and no compiler; else from the network."""
    lock = str(ROOT / environment.lock)
    # Without isolation a compile finds no tools and ends at once; what was compiled before is taken all the same.
    cached = (*install, "--offline", "--no-build-isolation-package", COMPILED)
    if shell.tries("looking into the cache", *cached, "-r", lock):
        return True
    # Only a compile asks something of the machine.
    if not shell.tries("looking for a compiled llama.cpp", *cached, "-r", part(environment.lock, COMPILED)):
        check_machine()
    return last(f"fetching packages{for_what}", *install, "-r", lock)


def install_checkout(shell: Shell, install: tuple[str, ...]) -> None:
    title, editable = "linking this checkout", ("--editable", str(ROOT))
    if not shell.tries(title, *install, "--offline", *editable):
        shell.run(title, *install, *editable)


def part(lock: str, package: str) -> str:
    """A requirements file with one package of a lock, its hashes included."""
    blocks = re.split(r"\n(?=\S)", read_lock(lock))
    file = SCRATCH / f"{package}.lock"
    file.write_text("\n".join(block for block in blocks if block.startswith(f"{package}==")), encoding="utf-8")
    return str(file)

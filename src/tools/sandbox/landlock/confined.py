"""The process around a program behind Landlock: it starts it with nothing but what was granted, and ends all of it.

It is started by its path and knows the standard library alone, since it is started anew for each program. What it is
told is one argument of JSON, which plan.py describes. It stays outside of the walls, so that nobody inside can end it.
When the pipe that is its input is closed, it ends the program; the node that held the other end may be gone.
"""

import ctypes
import json
import os
import resource
import select
import signal
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
OF_FILES = 0b1100000000000111
SET_DUMPABLE, SET_SECCOMP, SET_SUBREAPER, SET_NO_NEW_PRIVILEGES = 4, 22, 36, 38
FILTER = 2
LOOK_SECONDS = 0.5  # between two looks at how much it has written into the folder of its own
REAP_SECONDS = 0.001
FULL = b"\nNo space left in the folder of its own: the program was ended.\n"
NOT_STARTED = 127

C = ctypes.CDLL(None, use_errno=True)
C.syscall.restype = ctypes.c_long
Plan = Mapping[str, Any]


class Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("access", ctypes.c_uint64), ("place", ctypes.c_int32))


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def main() -> int:
    plan = json.loads(sys.argv[1])
    become(plan["user"])
    prctl(SET_SUBREAPER, 1)
    program = os.fork()
    if program == 0:
        inside(plan)
    said = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    code, full = waited_for(program, plan["own"], plan["limits"]["folder"])
    end_all()
    remove(plan["own"], plan["environment"])
    if full:
        os.write(said, FULL)
    return code


def become(user: int | None) -> None:
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def waited_for(program: int, own: str, room: int) -> tuple[int, bool]:
    """Its exit code, and whether it was ended for having filled its folder."""
    ended = os.pidfd_open(program)
    while True:
        ready, _, _ = select.select([0, ended], [], [], LOOK_SECONDS)
        if ended in ready:
            return code_of(os.waitpid(program, 0)[1]), False
        if ready:
            return 1, False
        if written(own) > room:
            return 1, True


def code_of(status: int) -> int:
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def written(folder: str) -> float:
    """Bytes on the disk. Whoever hides what is in it has filled it."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    total += 512 * entry.stat(follow_symlinks=False).st_blocks
                    total += int(written(entry.path)) if entry.is_dir(follow_symlinks=False) else 0
    except FileNotFoundError:
        return total
    except (OSError, OverflowError, RecursionError):
        return float("inf")
    return total


def end_all() -> None:
    """What lost its parent became a child of ours, however it was started."""
    while True:
        living = list(descendants(os.getpid()))
        for pid in living:  # first of all nobody has children any more
            with suppress(ProcessLookupError, PermissionError):
                resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
        for pid in living:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(REAP_SECONDS)


def remove(folder: str, environment: Mapping[str, str]) -> None:
    """By programs where there is anything in it: it may be deep, or closed to ourselves."""
    try:
        os.rmdir(folder)
    except OSError:
        os.spawnvpe(os.P_WAIT, "chmod", ["chmod", "-R", "u+rwx", folder], environment)
        os.spawnvpe(os.P_WAIT, "rm", ["rm", "-rf", folder], environment)


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def children(pid: int) -> Sequence[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += map(int, file.read().split())
    return found


def inside(plan: Plan) -> None:
    """In the child, which becomes the program."""
    try:
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and what is ignored stays so
            signal.signal(ignored, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        bound(plan["limits"])
        os.fchdir(plan["folder"])
        confine(plan)
        os.closerange(3, 1 << 16)
        os.execvpe(plan["inside"][0], plan["inside"], plan["environment"])
    except OSError as error:
        os.write(2, f"{plan['inside'][0]} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def bound(limits: Mapping[str, int]) -> None:
    # Who has changed its user is not let at its own files in /proc.
    prctl(SET_DUMPABLE, 1)
    # Where memory gets scarce the kernel ends this one, and not the node or the user's own programs.
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    # A second more than the soft limit, for a program that wants to live on.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    for what, most in (
        (resource.RLIMIT_AS, limits["addresses"]), (resource.RLIMIT_DATA, limits["memory"]),
        (resource.RLIMIT_NPROC, limits["processes"] + tasks_of(os.getuid())), (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def tasks_of(user: int) -> int:
    """The kernel counts all that the user has, and not only those of the program."""
    count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if os.stat(f"/proc/{pid}").st_uid == user:
                count += os.stat(f"/proc/{pid}/task").st_nlink - 2
    return count


def confine(plan: Plan) -> None:
    files, network, scopes = plan["handled"]
    rules = Ruleset(files, network, scopes)
    ruleset = call(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(plan["size"]), 0)
    for place, access in plan["grants"]:
        grant(ruleset, place, access & files)
    for path, access in plan["paths"]:
        with suppress(FileNotFoundError):
            grant(ruleset, os.open(path, os.O_PATH | os.O_CLOEXEC), access & files)
    prctl(SET_NO_NEW_PRIVILEGES, 1)
    call(RESTRICT_SELF, ruleset, 0)
    bytecode = os.pread(plan["filter"], 1 << 16, 0)
    program = Program(len(bytecode) // 8, bytecode)
    prctl(SET_SECCOMP, FILTER, ctypes.byref(program))


def grant(ruleset: int, place: int, access: int) -> None:
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        access &= OF_FILES
    rule = Beneath(access, place)
    call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)


def call(number: int, *given: Any) -> int:
    done = int(C.syscall(ctypes.c_long(number), *given))
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


def prctl(*given: Any) -> None:
    words = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in (*given, 0, 0, 0)]
    if C.prctl(*words[:5]) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    sys.exit(main())

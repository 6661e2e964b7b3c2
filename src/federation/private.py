"""Files that only their owner may read: whoever reads them can pass for this node, or for the whole swarm."""

import os
import stat
import sys
import tempfile
from pathlib import Path
from shlex import quote

from ..state.failures import ANOTHER_FOLDER, StateUnusable, unwritable

FOLDER = "federation"  # in the state folder
# All that is kept here is shorter; whatever is longer was not written by us.
LONGEST_BYTES = 4096


def folder_in(state: Path) -> Path:
    """Where these files lie; made where it is missing."""
    folder = state / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StateUnusable(unwritable(folder, str(error))) from None
    return folder


def read(file: Path) -> str | None:
    """None where there is none. What is no text comes with the characters that stand for that, and so is no key or
    code either."""
    try:
        with file.open("rb") as opened:
            _refuse_if_shared(file, os.fstat(opened.fileno()))
            return opened.read(LONGEST_BYTES).decode("ascii", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateUnusable(
            f"{file} cannot be read ({error.strerror}). Make it a file that you can read, or {ANOTHER_FOLDER}"
        ) from None


def write(file: Path, text: str) -> None:
    """As a whole or not at all, after a power cut too."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f"{file.name}.", delete=False) as beside:
            beside.write(text)  # only its owner can read it
            beside.flush()
            os.fsync(beside.fileno())
    except OSError as error:
        raise StateUnusable(unwritable(file.parent, str(error))) from None
    try:
        os.replace(beside.name, file)
    except OSError as error:
        os.unlink(beside.name)
        raise StateUnusable(unwritable(file.parent, str(error))) from None


def _refuse_if_shared(file: Path, found: os.stat_result) -> None:
    if sys.platform == "win32":  # Access lists guard the user's folder there, and these numbers say nothing.
        return
    if found.st_uid not in (os.geteuid(), 0):
        raise StateUnusable(
            f"{file} belongs to another user (number {found.st_uid}), who can change it. Start Local Swarm as that "
            f"user, make it yours with: sudo chown $USER {quote(str(file))}, or {ANOTHER_FOLDER}"
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise StateUnusable(
            f"Other users of this machine can read {file}, which holds a secret of your swarm. Close it with: "
            f"chmod 600 {quote(str(file))}; where somebody may have read it, make a new code too: "
            f"python main.py swarm new-code. On a disk that knows no permissions, {ANOTHER_FOLDER}"
        )

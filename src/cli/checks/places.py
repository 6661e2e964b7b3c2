"""Disk space, and the folder that we write to."""

import os
import shutil
import tempfile
from pathlib import Path

from .finding import Finding, Situation, fail, ok, warn

GB = 10**9
# Logs and keys need little; the quantised weights of seven billion parameters are some 5 GB.
LEAST_BYTES, COMFORTABLE_BYTES = GB // 10, 10 * GB


def check_disk(situation: Situation) -> Finding:
    folders = [situation.settings.state_dir, situation.settings.models_dir or Path.home()]
    folder, free = min(
        ((folder, shutil.disk_usage(existing(folder)).free) for folder in folders), key=lambda one: one[1]
    )
    said = f"{free / GB:.1f} GB are free on the disk of {folder}"
    if free < LEAST_BYTES:
        return fail(said, "Make room there, or take folders on another disk: --state-dir and --models-dir")
    if free < COMFORTABLE_BYTES:
        return warn(f"{said}; larger models need more", "Make room there, or take another disk: --models-dir FOLDER")
    return ok(said)


def check_state_folder(situation: Situation) -> Finding:
    folder = situation.settings.state_dir
    nearest = existing(folder)
    mend = "Take another one: --state-dir FOLDER"
    if not nearest.is_dir():
        return fail(f"{nearest} is a file, so {folder} cannot be a folder", mend)
    if nearest != folder and not os.access(nearest, os.W_OK | os.X_OK):
        return fail(f"{folder} cannot be made: this user may not write in {nearest}", mend)
    try:
        # What only asks about rights does not notice a disk that is mounted to be read.
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        return fail(f"{nearest} cannot be written ({error.strerror})", mend)
    return ok(f"{folder} can be written" if nearest == folder else f"{folder} can be made")


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder

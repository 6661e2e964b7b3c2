"""The stand-in as a program `vllm` on the PATH, and what runs of it."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

STAND_IN = Path(__file__).with_name("stand_in.py")


def install(folder: Path) -> Path:
    """A folder for the PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "vllm"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    program.chmod(0o755)
    return program


def running(port: int) -> Iterator[psutil.Process]:
    """Stand-ins that were told to listen there."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if str(STAND_IN) in words and str(port) in words and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue


def engines(server: psutil.Process) -> list[psutil.Process]:
    return [child for child in server.children() if "sleep" in child.name()]


def is_gone(process: psutil.Process) -> bool:
    """One that waits to be buried does nothing any more."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)

"""Lines that fill while something takes its time: on a terminal they move, elsewhere a line now and then."""

import time
from typing import TextIO

from ..models.hub.progress import Progress

WIDTH = 30
DOING = {"download": "downloading", "check": "checking", "convert": "converting for MLX"}
LOG_SECONDS = 10.0  # between two lines where nobody watches them move


class LoadingBar:
    """Loading a model takes seconds to minutes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown = out.isatty()

    def show(self, part: float) -> None:
        if self._shown:
            self._out.write(f"\rloading the model {_bar(part)} {part:4.0%}{_end(part)}")
            self._out.flush()


class DownloadBar:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._moves = out.isatty()
        self._last = float("-inf")

    def show(self, progress: Progress) -> None:
        part = progress.done / progress.total if progress.total else 1.0
        if self._moves:
            self._out.write(f"\r{line(progress, part)}\x1b[K{_end(part)}")
        elif part >= 1 or time.monotonic() - self._last >= LOG_SECONDS:
            self._last = time.monotonic()
            self._out.write(f"{line(progress, part)}\n")
        self._out.flush()


def line(progress: Progress, part: float) -> str:
    doing = DOING[progress.stage]
    amounts = f"{_gib(progress.done)} of {_gib(progress.total)}"
    source = f" from {progress.source}" if progress.source else ""
    return f"{doing} {_bar(part)} {part:4.0%}  {amounts}{_pace(progress)}  {progress.name}{source}"


def _pace(progress: Progress) -> str:
    if not progress.speed or progress.stage != "download":
        return ""
    left = (progress.total - progress.done) / progress.speed
    return f"  {progress.speed / 2**20:.1f} MiB/s, {_time(left)} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _bar(part: float) -> str:
    filled = round(min(1.0, part) * WIDTH)
    return f"[{'#' * filled}{' ' * (WIDTH - filled)}]"


def _end(part: float) -> str:
    return "\n" if part >= 1 else ""


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"

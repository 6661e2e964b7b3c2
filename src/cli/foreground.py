"""Run a program in our place: the same folder, the same terminal, its exit code, and the signals sent to us."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

BY_SIGNAL = 128  # added to the number of the signal that ended it, as shells do
Handler = Callable[[int, FrameType | None], None]


def run_in_foreground(command: Sequence[str], variables: Mapping[str, str]) -> int:
    started: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        for process in started:
            process.send_signal(number)

    with _handled(pass_on):
        started.append(subprocess.Popen(command, env=variables))
        code = started[0].wait()
    return code if code >= 0 else BY_SIGNAL - code


@contextmanager
def _handled(pass_on: Handler) -> Iterator[None]:
    # A terminal sends Ctrl-C to both; twice would be another order.
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    wanted: dict[int, Handler] = {signal.SIGINT: _nothing if at_terminal else pass_on, signal.SIGTERM: pass_on}
    if sys.platform != "win32":
        wanted[signal.SIGHUP] = pass_on
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(number: int, frame: FrameType | None) -> None:
    """Not SIG_IGN: the program would inherit that, and never hear of Ctrl-C itself."""

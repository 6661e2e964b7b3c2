"""How long a faulty hub is borne with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .refusals import DownloadFailed, HubBusy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    attempts: int = 5
    first_wait: float = 1.0  # seconds; twice as long each time
    longest_wait: float = 60.0  # seconds; a hub that wants more is given up at once, and the user told when
    silence: float = 30.0  # seconds without a byte, after which a connection counts as dead
    sleep: Callable[[float], None] = time.sleep

    def persist(self, attempt: Callable[[], T]) -> T:
        """The result of `attempt`, made again while its failure is a passing one."""
        for failures in range(self.attempts - 1):
            try:
                return attempt()
            except DownloadFailed as error:
                self.bear(error, failures)
        return attempt()

    def bear(self, error: DownloadFailed, failures: int) -> None:
        """Wait as long as this failure asks for, or raise it."""
        wait = self.first_wait * 2**failures
        if isinstance(error, HubBusy) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        if not error.passing or wait > self.longest_wait:
            raise error
        self.sleep(wait)

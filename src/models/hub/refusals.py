"""Why a download fails, in one sentence each that also says how to go on.

DownloadFailed (StartError)
├── HubUnreachable     no answer, or not one of a hub
├── HubRefused         it wants a login, a licence to be accepted, or a better token
├── NotOnHub           no such repository, revision or file
├── HubBusy            too many requests; carries `retry_after`
├── Damaged            what arrived is not what was promised
└── NoRoom             the disk is full, or takes no file of this size
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ...errors import StartError

WITHOUT = "go on without it: --model FILE serves a file that you have, --auto the embedded model"


class DownloadFailed(StartError):
    code = "download_failed"
    passing = False  # the same request may work in a moment


class HubUnreachable(DownloadFailed):
    code = "hub_unreachable"

    def __init__(self, message: str, passing: bool = True) -> None:
        super().__init__(message)
        self.passing = passing


class HubRefused(DownloadFailed):
    code = "hub_refused"


class NotOnHub(DownloadFailed):
    code = "not_on_hub"


class HubBusy(DownloadFailed):
    code = "hub_busy"
    passing = True

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Damaged(DownloadFailed):
    code = "download_damaged"


class NoRoom(DownloadFailed):
    code = "no_room"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as the sentences name it."""

    endpoint: str
    repo: str
    revision: str
    name: str = ""  # of the file; empty: the repository as a whole

    @property
    def words(self) -> str:
        return f"{self.name} of {self.repo}" if self.name else self.repo

    @property
    def page(self) -> str:
        return f"{self.endpoint}/{self.repo}"


def refusal(asked: Asked, status: int, headers: Mapping[str, str]) -> DownloadFailed:
    """What an answer other than success means. `headers` finds names in any case, or in lower case."""
    if status in (401, 403, 404):
        return _not_for_you(asked, status, headers.get("x-error-code", ""))
    if status == 429:
        return _busy(asked, retry_after(headers, time.time()))
    if status >= 500:
        return HubUnreachable(f"{asked.endpoint} has a fault of its own ({status}): try again later, or {WITHOUT}.")
    return HubUnreachable(
        f"{asked.endpoint} answered {status} when asked for {asked.words}: check the endpoint, or {WITHOUT}.", False
    )


def _not_for_you(asked: Asked, status: int, code: str) -> DownloadFailed:
    if code == "GatedRepo":
        return HubRefused(
            f"{asked.repo} wants its licence accepted first: do so at {asked.page}, run `hf auth login`, "
            "and start again."
        )
    if code == "RevisionNotFound":
        return NotOnHub(f"{asked.repo} has no revision {asked.revision}: see {asked.page}/tree/main.")
    if code == "RepoNotFound" or (status == 404 and not asked.name):
        return NotOnHub(
            f"There is no repository {asked.repo} at {asked.endpoint}, or it is private: check the name, or log in "
            "with `hf auth login`."
        )
    if status == 404:
        return NotOnHub(f"There is no file {asked.name} in {asked.repo}: see {asked.page}/tree/{asked.revision}.")
    if status == 401:
        return HubRefused(f"{asked.endpoint} does not accept your token (401): log in again with `hf auth login`.")
    return HubRefused(
        f"{asked.endpoint} forbids you to read {asked.words} (403): make a token that may, and log in with "
        "`hf auth login`."
    )


def _busy(asked: Asked, seconds: float | None) -> HubBusy:
    when = "in a few minutes" if seconds is None else f"in {_span(seconds)}"
    return HubBusy(
        f"{asked.endpoint} wants fewer requests from this address (429): try again {when}, or log in with "
        "`hf auth login`, which raises the limit.",
        seconds,
    )


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait: `Retry-After: 55`, its form with a date, or the hub's own `RateLimit: "api";r=0;t=55`."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    if text:
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except ValueError:
            return None
    for part in headers.get("ratelimit", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == "t" and value.isdigit():
            return float(value)
    return None


def unreachable(asked: Asked, why: str) -> HubUnreachable:
    return HubUnreachable(f"{asked.endpoint} cannot be reached ({why}): check the network, or {WITHOUT}.")


def nonsense(asked: Asked, what: str) -> HubUnreachable:
    return HubUnreachable(
        f"What answers at {asked.endpoint} is not a hub ({what}): a proxy or a login page may stand in between; "
        f"open {asked.page} in a browser, or {WITHOUT}.",
        passing=False,
    )


def offline(asked: Asked) -> HubUnreachable:
    return HubUnreachable(
        f"{asked.words} is not on this machine, and offline mode (--offline or HF_HUB_OFFLINE) forbids a download: "
        f"switch it off, or {WITHOUT}.",
        passing=False,
    )

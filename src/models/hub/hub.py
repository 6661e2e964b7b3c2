"""What a hub has: the files of a repository, their sizes and hashes, and their bytes from any place on.

huggingface_hub is imported where it is used: that takes half a second, and most starts ask no hub.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx2

from ..card import ModelFile
from .patience import Patience
from .refusals import Asked, NotOnHub, nonsense, offline, refusal, unreachable
from .repo_files import is_repo, is_safe

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

AGENT = "localswarm"
ENDPOINT = "https://huggingface.co"
COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
ETAG = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HubSettings:
    cache: Path  # the hub's own, shared with other tools
    endpoint: str = ENDPOINT
    token: str | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Remote:
    """One file at one commit."""

    asked: Asked
    url: str
    commit: str
    etag: str  # SHA-256 of the bytes; of small files git's SHA-1
    bytes: int

    @property
    def sha256(self) -> str | None:
        return self.etag if SHA256.fullmatch(self.etag) else None


@dataclass(frozen=True, slots=True)
class Body:
    begin: int  # where the bytes begin in the file: 0 where the hub knows no ranges
    chunks: Iterator[bytes]


class Hub:
    def __init__(self, settings: HubSettings, patience: Patience | None = None) -> None:
        self.settings = settings
        self.patience = patience or Patience()
        self._endpoint = settings.endpoint.rstrip("/")
        # False, not None: that would send the token of whoever is logged in to any endpoint.
        self._token: str | bool = settings.token or False

    def files(self, repo: str, revision: str = "main") -> list[ModelFile]:
        from huggingface_hub import HfApi

        asked = self._asked(repo, revision)
        api = HfApi(endpoint=self._endpoint, token=self._token, library_name=AGENT)

        def ask() -> "ModelInfo":
            return api.model_info(
                repo, revision=revision, files_metadata=True, timeout=self.patience.silence, token=self._token
            )

        return self._ask(asked, lambda: _parsed(asked, lambda: _files(ask())))

    def resolve(self, repo: str, name: str, revision: str = "main") -> Remote:
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        asked = self._asked(repo, revision, name)
        url = hf_hub_url(repo, name, revision=revision, endpoint=self._endpoint)

        def ask() -> Remote:
            said = get_hf_file_metadata(
                url,
                token=self._token,
                timeout=self.patience.silence,
                endpoint=self._endpoint,
                library_name=AGENT,
            )
            if not said.commit_hash or not COMMIT.fullmatch(said.commit_hash):
                raise nonsense(asked, "no commit in its answer")
            if not said.etag or not ETAG.fullmatch(said.etag) or said.size is None:
                raise nonsense(asked, "no hash or no size in its answer")
            return Remote(asked, url, said.commit_hash, said.etag, said.size)

        return self._ask(asked, ask)

    def expected(self, repo: str, files: Sequence[ModelFile]) -> list[Remote]:
        """Files whose SHA-256 are known, without a question; none where one is not. In the place of the commit, which
        only the hub knows, stands a digest of them all: it is the name of no real one."""
        from huggingface_hub import hf_hub_url

        digests = [file.sha256 for file in files if file.sha256]
        if len(digests) < len(files):
            return []
        commit = hashlib.sha1("".join(digests).encode(), usedforsecurity=False).hexdigest()
        return [
            Remote(
                self._asked(repo, commit, file.name),
                hf_hub_url(repo, file.name, revision="main", endpoint=self._endpoint),
                commit,
                digest,
                file.bytes,
            )
            for file, digest in zip(files, digests, strict=True)
        ]

    def read_range(self, repo: str, name: str, begin: int, end: int, revision: str = "main") -> bytes:
        """The bytes from `begin` to before `end`, fewer where the file ends earlier."""
        return self.read(self.resolve(repo, name, revision), begin, end)

    def read(self, remote: Remote, begin: int, end: int) -> bytes:
        end = min(end, remote.bytes)
        if begin >= end:
            return b""
        return self._ask(remote.asked, lambda: self._piece(remote, begin, end))

    def _piece(self, remote: Remote, begin: int, end: int) -> bytes:
        data = bytearray()
        with self.body(remote, begin, end) as body:
            for chunk in body.chunks:
                data += chunk
                if body.begin + len(data) >= end:
                    break
        piece = bytes(data[begin - body.begin : end - body.begin])
        if len(piece) < end - begin:
            raise unreachable(remote.asked, "the connection was cut")
        return piece

    @contextmanager
    def body(self, remote: Remote, begin: int = 0, end: int | None = None) -> Iterator[Body]:
        """Raises DownloadFailed for whatever goes wrong between here and the hub, while it is read too."""
        from huggingface_hub import get_session

        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if begin or end is not None:
            headers["Range"] = f"bytes={begin}-{'' if end is None else end - 1}"
        timeout = self.patience.silence
        with (
            _translated(remote.asked),
            get_session().stream("GET", remote.url, headers=headers, follow_redirects=True, timeout=timeout) as answer,
        ):
            if not answer.is_success:
                raise refusal(remote.asked, answer.status_code, answer.headers)
            yield Body(_begin(remote, answer, begin), answer.iter_raw())

    def _asked(self, repo: str, revision: str, name: str = "") -> Asked:
        if not is_repo(repo):
            raise NotOnHub(f"{repo!r} is no name of a repository: write it as owner/name.")
        for each in (revision, name):
            if each and not is_safe(each):
                raise NotOnHub(f"{each!r} is no name of a file or revision in {repo}: see {self._endpoint}/{repo}.")
        return Asked(self._endpoint, repo, revision, name)

    def _ask(self, asked: Asked, call: Callable[[], T]) -> T:
        if self.settings.offline:
            raise offline(asked)

        def attempt() -> T:
            with _translated(asked):
                return call()

        return self.patience.persist(attempt)


def _files(info: "ModelInfo") -> list[ModelFile]:
    siblings = [each for each in info.siblings or () if is_safe(each.rfilename)]
    return [ModelFile(each.rfilename, each.size or 0, each.lfs.sha256 if each.lfs else None) for each in siblings]


def _parsed(asked: Asked, call: Callable[[], T]) -> T:
    """huggingface_hub takes an answer of success at its word, and falls over one that is not the hub's."""
    try:
        return call()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise nonsense(asked, "its answer is not a list of files") from error


def _begin(remote: Remote, answer: httpx2.Response, wanted_begin: int) -> int:
    """Where the body begins in the file, once it is certain that it is a part of this file."""
    if answer.headers.get("content-type", "").startswith("text/html") and not remote.asked.name.endswith(".html"):
        raise nonsense(remote.asked, "HTML instead of a file")
    if answer.status_code != 206:
        length = answer.headers.get("content-length", "")
        if length.isdigit() and int(length) != remote.bytes:
            raise nonsense(remote.asked, f"{int(length):,} bytes where it had promised {remote.bytes:,}")
        return 0
    said = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("content-range", ""))
    if not said or int(said[1]) != wanted_begin or int(said[2]) != remote.bytes:
        raise nonsense(remote.asked, "another range than the one that was asked for")
    return wanted_begin


@contextmanager
def _translated(asked: Asked) -> Iterator[None]:
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except HfHubHTTPError as error:
        raise refusal(asked, error.response.status_code, error.response.headers) from error
    except OfflineModeIsEnabled as error:
        raise offline(asked) from error
    except httpx2.TimeoutException as error:
        raise unreachable(asked, "no answer in time") from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects) as error:
        raise nonsense(asked, str(error)) from error
    except httpx2.TransportError as error:
        raise unreachable(asked, str(error) or "the connection was cut") from error

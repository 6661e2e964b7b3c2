"""What a hub says, and what is said of it when it refuses, fails or is none."""

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from localswarm.models.card import ModelFile
from localswarm.models.hub import refusals
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.refusals import (
    Asked,
    DownloadFailed,
    HubBusy,
    HubRefused,
    HubUnreachable,
    NotOnHub,
    refusal,
    retry_after,
)
from localswarm.models.hub.remote_file import BLOCK, open_remote
from localswarm.models.hub.repo_files import is_repo, is_safe

from .stand_in_hub import COMMIT, HTML, Answer, StandInHub, etag, git_name

REPO = "someone/small-GGUF"
FILE = "small-Q4_0.gguf"
DATA = random.Random(1).randbytes(5 * 2**20 + 123)


@pytest.fixture
def stand_in() -> Iterator[StandInHub]:
    with StandInHub() as stand_in:
        stand_in.repos[REPO] = {FILE: DATA, "config.json": b"{}", "deep/er/x.gguf": b"abc", "../bad.gguf": b"no"}
        yield stand_in


class Asker:
    """A hub client whose waits are noted and not waited."""

    def __init__(self, endpoint: str, token: str | None = None, silence: float = 5.0, offline: bool = False) -> None:
        self.waits: list[float] = []
        settings = HubSettings(Path("unused"), endpoint, token, offline)
        self.hub = Hub(settings, Patience(attempts=4, silence=silence, sleep=self.waits.append))


@pytest.fixture
def asker(stand_in: StandInHub) -> Asker:
    return Asker(stand_in.endpoint)


def test_the_files_of_a_repository_without_those_that_would_leave_it(asker: Asker) -> None:
    assert asker.hub.files(REPO) == [
        ModelFile(FILE, len(DATA), etag(FILE, DATA)),
        ModelFile("config.json", 2, None),
        ModelFile("deep/er/x.gguf", 3, etag("x.gguf", b"abc")),
    ]


def test_a_large_and_a_small_file(asker: Asker) -> None:
    large, small = asker.hub.resolve(REPO, FILE), asker.hub.resolve(REPO, "config.json", COMMIT)
    assert (large.commit, large.bytes, large.sha256) == (COMMIT, len(DATA), etag(FILE, DATA))
    assert (small.etag, small.bytes, small.sha256) == (git_name(b"{}"), 2, None)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("begin, end", [(0, 1000), (2**20 + 7, 2**20 + 8), (len(DATA) - 5, len(DATA) + 99)])
def test_a_range(stand_in: StandInHub, asker: Asker, ranges: bool, begin: int, end: int) -> None:
    stand_in.ranges = ranges
    assert asker.hub.read_range(REPO, FILE, begin, end) == DATA[begin:end]


def test_a_range_costs_what_it_holds(stand_in: StandInHub, asker: Asker) -> None:
    assert asker.hub.read_range(REPO, FILE, 0, 2**20) == DATA[: 2**20]
    assert stand_in.sent() == 2**20
    assert asker.hub.read_range(REPO, FILE, len(DATA), len(DATA) + 1) == b""


def test_a_range_that_is_cut_is_asked_for_again(stand_in: StandInHub, asker: Asker) -> None:
    stand_in.cuts = [1000]
    assert asker.hub.read_range(REPO, FILE, 0, 2**17) == DATA[: 2**17]
    assert asker.waits == [1.0]


def test_a_remote_file_reads_like_one_that_is_here(stand_in: StandInHub, asker: Asker) -> None:
    with open_remote(asker.hub, REPO, FILE) as file:
        assert file.read(4) == DATA[:4]
        file.seek(100_000, 1)
        assert file.read(8) == DATA[100_004:100_012]
        assert stand_in.sent() == BLOCK
        file.seek(-8, 2)
        assert file.read(100) == DATA[-8:]
        assert file.read(1) == b""


def test_the_token_goes_to_the_hub_and_to_nobody_else(stand_in: StandInHub) -> None:
    asker = Asker(stand_in.endpoint, token="hf_secret")
    asker.hub.files(REPO)
    asker.hub.read_range(REPO, FILE, 0, 10)
    tokens = {(asked.path.startswith("/large/"), asked.token) for asked in stand_in.asked}
    assert tokens == {(False, "Bearer hf_secret"), (True, None)}


def test_without_a_token_none_is_sent(stand_in: StandInHub, asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_environment")
    asker.hub.files(REPO)
    asker.hub.read_range(REPO, FILE, 0, 10)
    assert {asked.token for asked in stand_in.asked} == {None}


@pytest.mark.parametrize(
    "repo, file, revision, words",
    [
        ("someone/none", FILE, "main", "no repository someone/none"),
        (REPO, "none.gguf", "main", f"no file none.gguf in {REPO}"),
        (REPO, FILE, "v9", f"{REPO} has no revision v9"),
        ("nonsense", FILE, "main", "owner/name"),
        (REPO, "../../etc/passwd", "main", "no name of a file"),
        (REPO, FILE, "../main", "no name of a file or revision"),
    ],
)
def test_what_is_not_there(asker: Asker, repo: str, file: str, revision: str, words: str) -> None:
    with pytest.raises(NotOnHub, match=words):
        asker.hub.resolve(repo, file, revision)
    assert asker.waits == []


def test_passing_faults_are_borne_with(stand_in: StandInHub, asker: Asker) -> None:
    stand_in.answers = [Answer(500), Answer(503), Answer(502)]
    assert asker.hub.resolve(REPO, FILE).bytes == len(DATA)
    assert asker.waits == [1.0, 2.0, 4.0]


def test_lasting_faults_are_not(stand_in: StandInHub, asker: Asker) -> None:
    stand_in.answers = [Answer(500)] * 9
    with pytest.raises(HubUnreachable, match=r"fault of its own \(500\).*--model FILE"):
        asker.hub.files(REPO)
    assert len(stand_in.asked) == 4


def test_a_busy_hub_is_asked_again_when_it_says(stand_in: StandInHub, asker: Asker) -> None:
    stand_in.answers = [Answer(429, headers={"Retry-After": "7"}), Answer(429, headers={"RateLimit": '"api";r=0;t=11'})]
    asker.hub.files(REPO)
    assert asker.waits == [7.0, 11.0]


def test_a_hub_that_is_busy_for_long_is_not_waited_for(stand_in: StandInHub, asker: Asker) -> None:
    stand_in.answers = [Answer(429, headers={"Retry-After": "300"})]
    with pytest.raises(HubBusy, match="try again in 5 minutes"):
        asker.hub.files(REPO)
    assert asker.waits == []


@pytest.mark.parametrize("body", [HTML, b"[]", b"{}", b'"text"', b"{", b'{"id": "x", "siblings": [{}]}', b"\xff\xfe"])
def test_garbage_instead_of_a_list(stand_in: StandInHub, asker: Asker, body: bytes) -> None:
    stand_in.answers = [Answer(200, body=body)]
    with pytest.raises(HubUnreachable, match="is not a hub"):
        asker.hub.files(REPO)


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Repo-Commit": COMMIT, "ETag": '"../x"'}, {"X-Repo-Commit": "../..", "ETag": f'"{"0" * 64}"'}],
)
def test_garbage_instead_of_a_file(stand_in: StandInHub, asker: Asker, headers: dict[str, str]) -> None:
    stand_in.answers = [Answer(200, body=HTML, kind="text/html", headers=headers)]
    with pytest.raises(HubUnreachable, match="is not a hub"):
        asker.hub.resolve(REPO, FILE)


def test_nobody_listens(unused_port: int) -> None:
    asker = Asker(f"http://localhost:{unused_port}")
    with pytest.raises(HubUnreachable, match=r"cannot be reached.*check the network.*--model FILE"):
        asker.hub.files(REPO)
    assert len(asker.waits) == 3


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("endpoint", ["http://no-such-host.invalid", "ftp://localhost", "nonsense"])
def test_an_endpoint_that_does_not_exist(endpoint: str) -> None:
    with pytest.raises(HubUnreachable):
        Asker(endpoint).hub.files(REPO)


def test_a_hub_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asker = Asker(f"http://127.0.0.1:{silent.getsockname()[1]}", silence=0.1)
        with pytest.raises(HubUnreachable, match="no answer in time"):
            asker.hub.resolve(REPO, FILE)


def test_offline_nothing_is_asked(stand_in: StandInHub) -> None:
    hub = Asker(stand_in.endpoint, offline=True).hub
    with pytest.raises(HubUnreachable, match="offline mode"):
        hub.resolve(REPO, FILE)
    assert stand_in.asked == []


ASKED = Asked("https://hub", "o/n", "main", "f.gguf")


@pytest.mark.parametrize(
    "status, headers, kind, words",
    [
        (
            401,
            {"x-error-code": "GatedRepo"},
            HubRefused,
            "accepted first: do so at https://hub/o/n, run `hf auth login`",
        ),
        (403, {"x-error-code": "GatedRepo"}, HubRefused, "licence"),
        (401, {"x-error-code": "RepoNotFound"}, NotOnHub, "or it is private"),
        (401, {}, HubRefused, "does not accept your token"),
        (403, {}, HubRefused, "make a token that may"),
        (404, {"x-error-code": "RevisionNotFound"}, NotOnHub, "no revision main"),
        (404, {}, NotOnHub, "no file f.gguf in o/n: see https://hub/o/n/tree/main"),
        (429, {}, HubBusy, "try again in a few minutes"),
        (504, {}, HubUnreachable, "fault of its own"),
        (418, {}, HubUnreachable, "answered 418"),
    ],
)
def test_every_refusal_is_one_sentence(
    status: int, headers: dict[str, str], kind: type[DownloadFailed], words: str
) -> None:
    error = refusal(ASKED, status, headers)
    assert type(error) is kind
    assert words in error.message
    assert error.message.endswith(".") and "\n" not in error.message


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"ratelimit": '"resolvers";r=0;t=55'}, 55),
        ({"ratelimit": "t"}, None),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=100) == seconds


def test_each_kind_of_failure_has_its_own_code() -> None:
    kinds = [each for each in vars(refusals).values() if isinstance(each, type) and issubclass(each, DownloadFailed)]
    assert len({kind.code for kind in kinds}) == len(kinds) == 7


@pytest.mark.parametrize("name", ["a/b", "Qwen/Qwen2.5-Coder-0.5B", "a/b_c.d"])
def test_names_of_repositories(name: str) -> None:
    assert is_repo(name)


@pytest.mark.parametrize("name", ["a", "a/b/c", "../b", "a/..", "/a", "a/", "a b/c", "a--b/c", "a/b\n"])
def test_names_that_are_none(name: str) -> None:
    assert not is_repo(name)


@pytest.mark.parametrize("name", ["", "/a", "a/../b", "..", "C:x", "a\\b", "a\0", "//a"])
def test_names_that_leave_their_folder(name: str) -> None:
    assert not is_safe(name)

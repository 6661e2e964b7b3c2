"""Downloads go on where they stopped, happen once, and leave what was there before as it was."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import hf_hub_download
from localswarm.models.card import ModelFile
from localswarm.models.hub import progress
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.progress import Meter, Progress, Watch
from localswarm.models.hub.refusals import (
    Damaged,
    DownloadFailed,
    HubBusy,
    HubRefused,
    HubUnreachable,
    NoRoom,
    NotOnHub,
)
from localswarm.models.hub.storage import Storage

from .stand_in_hub import COMMIT, HTML, Answer, StandInHub, etag, git_name

REPO = "someone/small-GGUF"
NAME = "small-Q4_0.gguf"
DATA = random.Random(2).randbytes(2 * 2**20 + 321)
FILE = ModelFile(NAME, len(DATA), etag(NAME, DATA))
PARTS = tuple(f"big-{n:05}-of-00003.gguf" for n in (1, 2, 3))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stand_in() -> Iterator[StandInHub]:
    with StandInHub() as stand_in:
        stand_in.repos[REPO] = {NAME: DATA, "config.json": b"{}"} | {name: name.encode() * 999 for name in PARTS}
        yield stand_in


class Fetcher:
    def __init__(self, stand_in: StandInHub, cache: Path, offline: bool = False, endpoint: str = "") -> None:
        self.waits: list[float] = []
        self.seen: list[Progress] = []
        self.notices: list[str] = []
        settings = HubSettings(cache, endpoint or stand_in.endpoint, offline=offline)
        hub = Hub(settings, Patience(attempts=3, silence=5, sleep=self.waits.append))
        self.downloader = Downloader(hub, Watch(self.seen.append, self.notices.append))
        self.storage = Storage(cache, REPO)

    def fetch(self, *files: ModelFile) -> list[Path]:
        return self.downloader.fetch(REPO, files or [FILE])


@pytest.fixture
def fetcher(stand_in: StandInHub, tmp_path: Path) -> Fetcher:
    return Fetcher(stand_in, tmp_path)


def start(stand_in: StandInHub, cache: Path, *more: str, **environ: str) -> subprocess.Popen[str]:
    words = [stand_in.endpoint, str(cache), REPO, NAME, str(FILE.bytes), str(FILE.sha256), *more]
    command = [sys.executable, "-m", "tests.models.fetching", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | environ)


def leftovers(cache: Path) -> list[str]:
    return sorted(
        path.name for path in cache.rglob("*") if ".incomplete" in path.name or path.name.endswith(str(os.getpid()))
    )


def test_the_layout_is_the_hubs_own(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    (path,) = fetcher.fetch()
    assert path == tmp_path / "models--someone--small-GGUF" / "snapshots" / COMMIT / NAME
    assert os.readlink(path) == f"../../blobs/{FILE.sha256}"
    assert path.read_bytes() == DATA
    assert (fetcher.storage.folder / "refs" / "main").read_text() == COMMIT
    assert leftovers(tmp_path) == []


def test_other_tools_find_what_we_downloaded(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    (path,) = fetcher.fetch()
    theirs = hf_hub_download(REPO, NAME, cache_dir=tmp_path, endpoint=stand_in.endpoint, token=False)
    assert Path(theirs) == path
    assert Path(hf_hub_download(REPO, NAME, cache_dir=tmp_path, local_files_only=True)) == path
    assert stand_in.sent() == len(DATA)


def test_we_find_what_other_tools_downloaded(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    theirs = hf_hub_download(REPO, NAME, cache_dir=tmp_path, endpoint=stand_in.endpoint, token=False)
    asked = len(stand_in.asked)
    assert fetcher.fetch() == [Path(theirs)]
    assert len(stand_in.asked) == asked


def test_what_is_here_needs_no_hub(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    (path,) = fetcher.fetch()
    assert Fetcher(stand_in, tmp_path, offline=True).fetch() == [path]
    assert Fetcher(stand_in, tmp_path, endpoint="http://no-such-host.invalid").fetch() == [path]


def test_without_a_hash_a_file_that_is_here_serves_while_the_hub_does_not(stand_in: StandInHub, tmp_path: Path) -> None:
    fetcher, small = Fetcher(stand_in, tmp_path), ModelFile("config.json", 2)
    (path,) = fetcher.fetch(small)
    assert path.read_bytes() == b"{}"
    assert path.resolve().name == git_name(b"{}")
    assert Fetcher(stand_in, tmp_path, offline=True).fetch(small) == [path]
    stand_in.answers = [Answer(500)] * 3
    assert fetcher.fetch(small) == [path]


def test_without_a_hash_the_hub_says_what_is_the_newest(stand_in: StandInHub, fetcher: Fetcher) -> None:
    fetcher.fetch(ModelFile("config.json", 2))
    stand_in.repos[REPO]["config.json"] = b"[]"
    stand_in.commit = "d" * 40
    (path,) = fetcher.fetch(ModelFile("config.json", 2))
    assert path.read_bytes() == b"[]"


def test_a_file_of_the_same_name_and_size_is_not_taken_for_another(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.repos[REPO][NAME] = DATA[::-1]
    fetcher.fetch(ModelFile(NAME, len(DATA), etag(NAME, DATA[::-1])))
    stand_in.repos[REPO][NAME] = DATA
    stand_in.commit = "d" * 40
    assert fetcher.fetch()[0].read_bytes() == DATA


def test_offline_and_not_here(stand_in: StandInHub, tmp_path: Path) -> None:
    with pytest.raises(HubUnreachable, match=r"not on this machine.*--model FILE"):
        Fetcher(stand_in, tmp_path, offline=True).fetch()
    assert stand_in.asked == []


def test_the_offline_switch_of_other_tools_counts(stand_in: StandInHub, tmp_path: Path) -> None:
    said, _ = start(stand_in, tmp_path, HF_HUB_OFFLINE="1").communicate(timeout=30)
    assert said.startswith("hub_unreachable") and "offline mode (--offline or HF_HUB_OFFLINE)" in said


def test_a_new_commit_with_the_same_bytes_is_no_download(stand_in: StandInHub, fetcher: Fetcher) -> None:
    (path,) = fetcher.fetch()
    path.unlink()
    assert fetcher.fetch()[0].read_bytes() == DATA
    assert stand_in.sent() == len(DATA)


def test_parts_lie_together(fetcher: Fetcher) -> None:
    files = [ModelFile(name, len(name) * 999, etag(name, name.encode() * 999)) for name in PARTS]
    paths = fetcher.fetch(*files)
    assert [path.name for path in paths] == list(PARTS)
    assert len({path.parent for path in paths}) == 1
    total = sum(file.bytes for file in files)
    assert (fetcher.seen[-1].done, fetcher.seen[-1].total) == (total, total)


def test_parts_lie_together_after_the_branch_has_moved_on(stand_in: StandInHub, fetcher: Fetcher) -> None:
    files = [ModelFile(name, len(name) * 999, etag(name, name.encode() * 999)) for name in PARTS]
    fetcher.fetch(files[0])
    stand_in.commit = "d" * 40
    paths = fetcher.fetch(*files)
    assert {path.parent.name for path in paths} == {"d" * 40}
    assert stand_in.sent() == sum(file.bytes for file in files)
    assert (fetcher.storage.folder / "refs" / "main").read_text() == "d" * 40


def test_without_links_the_file_itself_lies_at_its_name(
    stand_in: StandInHub, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: str) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    (path,) = fetcher.fetch()
    assert not path.is_symlink() and path.read_bytes() == DATA
    assert fetcher.fetch() == [path]
    assert fetcher.fetch(ModelFile("config.json", 2)) == fetcher.fetch(ModelFile("config.json", 2))
    assert stand_in.sent() == len(DATA) + 2


def test_a_cut_connection_goes_on_at_the_byte(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.cuts = [100_000, 1_000_000, 0, 5]
    assert fetcher.fetch()[0].read_bytes() == DATA
    assert [asked.begin for asked in stand_in.bodies() if asked.path.startswith("/large/")] == [
        0, 100_000, 1_100_000, 1_100_000, 1_100_005,
    ]  # fmt: skip
    assert stand_in.sent() == len(DATA)


def test_a_hub_that_sends_nothing_more_is_given_up_and_gone_on_with_later(
    stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path
) -> None:
    stand_in.cuts = [500_000, 0, 0, 0]
    with pytest.raises(HubUnreachable, match="cannot be reached"):
        fetcher.fetch()
    assert fetcher.storage.partial(str(FILE.sha256)).read_bytes() == DATA[:500_000]
    assert Fetcher(stand_in, tmp_path).fetch()[0].read_bytes() == DATA
    assert stand_in.sent() == len(DATA)


def test_without_ranges_it_begins_anew(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.ranges = False
    stand_in.cuts = [100_000]
    assert fetcher.fetch()[0].read_bytes() == DATA
    assert stand_in.sent() == len(DATA) + 100_000


def test_a_stalled_connection_is_a_cut_one(stand_in: StandInHub, tmp_path: Path) -> None:
    stand_in.pause = 0.3
    hub = Hub(HubSettings(tmp_path, stand_in.endpoint), Patience(attempts=2, silence=0.1, sleep=lambda seconds: None))
    small = {"x.gguf": bytes(200_000)}
    stand_in.repos[REPO] |= small
    file = ModelFile("x.gguf", 200_000, etag("x.gguf", small["x.gguf"]))
    assert Downloader(hub).fetch(REPO, [file])[0].stat().st_size == 200_000
    assert len({asked.begin for asked in stand_in.bodies()}) > 2


def test_damage_is_found_and_removed(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    stand_in.corrupt_at = 1_234_567
    with pytest.raises(Damaged, match=r"arrived damaged.*was removed: start again"):
        fetcher.fetch()
    assert leftovers(tmp_path) == []
    assert not fetcher.storage.blob(str(FILE.sha256)).exists()
    stand_in.corrupt_at = None
    assert fetcher.fetch()[0].read_bytes() == DATA


def test_damage_to_a_small_file_is_found_too(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.corrupt_at = 1
    with pytest.raises(Damaged):
        fetcher.fetch(ModelFile("config.json", 2))


def test_a_file_that_was_replaced_on_the_hub(stand_in: StandInHub, fetcher: Fetcher) -> None:
    for other in (ModelFile(NAME, len(DATA), "0" * 64), ModelFile(NAME, len(DATA) + 1, FILE.sha256)):
        with pytest.raises(Damaged, match="no longer the file that was asked for"):
            fetcher.fetch(other)
    assert stand_in.sent() == 0


BAD: dict[str, tuple[Answer, type[DownloadFailed], str]] = {
    "html": (Answer(200, "/large/", body=HTML, kind="text/html"), HubUnreachable, "HTML instead of a file"),
    "401": (Answer(401, NAME, headers={"X-Error-Code": "GatedRepo"}), HubRefused, "accepted first"),
    "403": (Answer(403, "/large/"), HubRefused, "403"),
    "404": (Answer(404, NAME, headers={"X-Error-Code": "EntryNotFound"}), NotOnHub, "no file"),
    "429": (Answer(429, "/large/", headers={"Retry-After": "999"}), HubBusy, "try again in 17 minutes"),
    "500": (Answer(500, "/large/"), HubUnreachable, "fault of its own"),
    "garbage": (Answer(200, "/large/", body=b"{}"), HubUnreachable, "promised"),
    "another range": (
        Answer(206, "/large/", body=DATA, headers={"Content-Range": f"bytes 7-9/{len(DATA)}"}),
        HubUnreachable,
        "range",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_hub_leaves_what_was_there(stand_in: StandInHub, fetcher: Fetcher, kind: str) -> None:
    fault, error, words = BAD[kind]
    partial = fetcher.storage.partial(str(FILE.sha256))
    partial.parent.mkdir(parents=True)
    partial.write_bytes(DATA[:300_000])
    (other := fetcher.storage.blob("0" * 64)).write_bytes(b"another")
    stand_in.answers = [fault] * 9
    with pytest.raises(error, match=words) as failure:
        fetcher.fetch()
    assert str(failure.value).endswith(".") and "\n" not in str(failure.value)
    assert partial.read_bytes() == DATA[:300_000]
    assert other.read_bytes() == b"another"
    assert not fetcher.storage.blob(str(FILE.sha256)).exists()


def test_a_hub_that_lies_about_the_length(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.padding = 10
    with pytest.raises(HubUnreachable, match="2,097,483 bytes where it had promised 2,097,473"):
        fetcher.fetch()
    assert fetcher.storage.partial(str(FILE.sha256)).stat().st_size == 0


def test_a_hub_that_sends_more_than_there_is(stand_in: StandInHub, fetcher: Fetcher) -> None:
    headers = {"Content-Range": f"bytes 0-{len(DATA) - 1}/{len(DATA)}"}
    stand_in.answers = [Answer(206, "/large/", DATA + b"more", headers=headers)]
    assert fetcher.fetch()[0].read_bytes() == DATA


def test_room_is_looked_for_first(stand_in: StandInHub, tmp_path: Path) -> None:
    free = FILE.bytes + 2**30 - 1
    hub = Fetcher(stand_in, tmp_path).downloader.hub
    with pytest.raises(NoRoom, match=r"needs 0\.0 GiB more.*1\.0 GiB free.*hf cache rm"):
        Downloader(hub, free=lambda folder: free).fetch(REPO, [FILE])
    assert stand_in.sent() == 0
    assert list(tmp_path.iterdir()) == []
    assert Downloader(hub, free=lambda folder: free + 1).fetch(REPO, [FILE])


def test_what_is_here_already_needs_no_room(stand_in: StandInHub, fetcher: Fetcher) -> None:
    partial = fetcher.storage.partial(str(FILE.sha256))
    partial.parent.mkdir(parents=True)
    partial.write_bytes(DATA[:-10])
    Downloader(fetcher.downloader.hub, free=lambda folder: 2**30 + 10).fetch(REPO, [FILE])
    assert stand_in.sent() == 10


def test_a_file_system_that_takes_no_large_files(stand_in: StandInHub, tmp_path: Path) -> None:
    said, _ = start(stand_in, tmp_path, str(2**20)).communicate(timeout=30)
    assert said.startswith("no_room The file system of")
    assert leftovers(tmp_path) == []


def test_a_full_disk(stand_in: StandInHub, tmp_path: Path) -> None:
    """A real one of 1.5 MB, in a mount namespace of its own."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("this system lets nobody mount a file system of their own")
    words = [stand_in.endpoint, str(tmp_path), REPO, NAME, str(FILE.bytes), str(FILE.sha256)]
    fetching = f"{sys.executable} -m tests.models.fetching {' '.join(words)}"
    script = (
        f"mount -t tmpfs -o size=1500k none {tmp_path} && {fetching} && stat -c %s {tmp_path}/models--*/blobs/* && "
        f"mount -o remount,size=9m {tmp_path} && {fetching}"
    )
    command = ["unshare", "-rm", "sh", "-c", script]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
    failure, kept, path = said.splitlines()
    assert failure.startswith("no_room The disk of") and "became full" in failure
    # All but the last 128 KiB, the reserve of the test, is kept, and not sent again.
    assert 1_000_000 < int(kept) <= 1500 * 1024 - 2**17
    assert path.endswith(NAME)
    assert len(DATA) < stand_in.sent() < len(DATA) + 2**20


def test_a_cache_that_nobody_may_write(stand_in: StandInHub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadFailed, match="cannot be written"):
        Fetcher(stand_in, tmp_path / "file" / "cache").fetch()


def wait_for(partial: Path, size: int) -> None:
    while not partial.exists() or partial.stat().st_size < size:
        time.sleep(0.01)


def test_after_a_kill_only_the_rest_is_asked_for(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    stand_in.hold_at = 500_000
    partial = fetcher.storage.partial(str(FILE.sha256))
    process = start(stand_in, tmp_path)
    wait_for(partial, 500_000)
    process.kill()
    process.communicate()
    stand_in.hold_at = None
    have = partial.stat().st_size
    assert 500_000 <= have < len(DATA)
    fetcher.fetch()
    last = stand_in.bodies()[-1]
    assert (last.begin, last.sent) == (have, len(DATA) - have)
    assert fetcher.notices == []


WAITS = f"Another process is downloading {NAME}; waiting for it.\n"


def test_two_processes_download_once(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    stand_in.hold_at = 300_000
    first = start(stand_in, tmp_path)
    wait_for(fetcher.storage.partial(str(FILE.sha256)), 300_000)
    second = start(stand_in, tmp_path)
    assert second.stdout and second.stdout.readline() == WAITS
    stand_in.go_on.set()
    paths = {Path(process.communicate(timeout=30)[0].strip()) for process in (first, second)}
    assert [path.read_bytes() for path in paths] == [DATA]
    assert stand_in.sent() == len(DATA)


def test_who_waits_goes_on_where_a_killed_one_stopped(stand_in: StandInHub, fetcher: Fetcher, tmp_path: Path) -> None:
    stand_in.hold_at = 300_000
    first = start(stand_in, tmp_path)
    wait_for(fetcher.storage.partial(str(FILE.sha256)), 300_000)
    second = start(stand_in, tmp_path)
    assert second.stdout and second.stdout.readline() == WAITS
    stand_in.hold_at = None
    first.kill()
    first.communicate()
    assert second.communicate(timeout=30)[0].strip().endswith(NAME)
    assert stand_in.bodies()[-1].begin >= 300_000


def test_progress_is_told_as_it_is(stand_in: StandInHub, fetcher: Fetcher) -> None:
    stand_in.pause = 0.02
    fetcher.fetch()
    downloads = [each for each in fetcher.seen if each.stage == "download"]
    assert [each.done for each in downloads] == sorted(each.done for each in downloads)
    assert {each.total for each in fetcher.seen} == {len(DATA)}
    assert any(each.speed > 0 for each in downloads)
    assert (fetcher.seen[-1].stage, fetcher.seen[-1].done) == ("check", len(DATA))


def test_the_speed_is_that_of_the_last_seconds() -> None:
    now, seen = [0.0], list[Progress]()
    meter = Meter(Watch(seen.append), 10_000, clock=lambda: now[0])
    meter.begin("a", "download", base=100, done=1000)
    for second in range(1, 11):
        now[0] = second
        meter.at(1000 + 10 * second)
        meter.at(0)  # too soon after the last report to be told
    assert seen[0] == Progress("a", 1100, 10_000, 0.0, "download")
    assert (seen[-1].done, seen[-1].speed) == (1200, 10.0)
    assert len(seen) == 11
    assert progress.WINDOW == 5.0

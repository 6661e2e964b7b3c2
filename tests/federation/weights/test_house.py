"""Machines of one house: what one has downloaded the others take from it, whatever happens on the way."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from localswarm.errors import ModelUnusable
from localswarm.federation.channel import client_context, server_context
from localswarm.federation.nodes import Endpoint
from localswarm.federation.weights.caller import Caller
from localswarm.federation.weights.early import Early
from localswarm.federation.weights.lending import BLOCK, Lending
from localswarm.federation.weights.shelf import Shelf
from localswarm.models.card import ModelCard, ModelFile
from localswarm.models.catalogue import catalogue
from localswarm.models.hub import git_files
from localswarm.models.hub.caches import Caches
from localswarm.models.hub.digests import Digests
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.progress import Watch
from localswarm.models.hub.refusals import HubUnreachable
from localswarm.models.library import Library
from localswarm.node.sources import KnownDigests
from localswarm.state import State

from ...models.catalogue_text import Q8, family, one_million
from ...models.stand_in_hub import StandInHub, etag
from .members import member, swarm
from .serving import lending

REPO = "someone/Tiny-GGUF"
NAME = "tiny-q8_0.gguf"
DATA = random.Random(8).randbytes(6 * BLOCK + 5)
FILE = ModelFile(NAME, len(DATA), etag(NAME, DATA))
FOLDER = {
    "tokenizer.json": b'{"model": {}}',
    "model-00001-of-00002.safetensors": random.Random(9).randbytes(BLOCK),
    "model-00002-of-00002.safetensors": random.Random(10).randbytes(2 * BLOCK),
    "config.json": b'{"model_type": "llama"}',
}
FAST = 10**10  # bytes per second
OURS = swarm(7)


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with StandInHub() as stand_in:
        stand_in.repos[REPO] = {NAME: DATA, **FOLDER}
        yield stand_in


class Machine:
    """With a cache and a state of its own."""

    def __init__(self, folder: Path, hub: StandInHub, closing: ExitStack) -> None:
        self.state = closing.enter_context(State(folder / "state"))
        self.cache = folder / "hub"
        self.digests = Digests(KnownDigests(self.state))
        self.hub = Hub(HubSettings(self.cache, hub.endpoint), Patience(attempts=2, silence=60, sleep=lambda _: None))
        self.notices: list[str] = []
        self._closing = closing
        self._who = member(OURS)

    def lends(self, rate: float = FAST) -> Endpoint:
        shelf = Shelf(self.state.models, partial(git_files.find, [self.cache]))
        return self._closing.enter_context(lending(Lending(shelf, rate), server_context(self._who)))

    def downloader(self, *neighbours: Endpoint) -> Downloader:
        early = Early(Caller(client_context(self._who)), neighbours)
        self._closing.callback(early.close)
        watch = Watch(notice=self.notices.append)
        return Downloader(self.hub, watch, lambda _: 2**40, neighbours=early, verified=self.digests.remember)

    def fetch(self, *neighbours: Endpoint, files: tuple[ModelFile, ...] = (FILE,)) -> list[Path]:
        return self.downloader(*neighbours).fetch(REPO, files)


@pytest.fixture
def machines(hub: StandInHub, tmp_path: Path) -> Iterator[Callable[[str], Machine]]:
    with ExitStack() as closing:
        yield lambda name: Machine(tmp_path / name, hub, closing)


Machines = Callable[[str], Machine]


def test_a_house_downloads_once(machines: Machines, hub: StandInHub) -> None:
    first, second, third = machines("a"), machines("b"), machines("c")
    first.fetch()
    there = first.lends()
    assert second.fetch(there)[0].read_bytes() == DATA
    assert third.fetch(second.lends())[0].read_bytes() == DATA, "what was borrowed is lent in turn"
    assert hub.sent() == len(DATA)


def test_a_whole_folder_file_by_file(machines: Machines, hub: StandInHub) -> None:
    first, second = machines("a"), machines("b")
    files = tuple(file for file in first.hub.files(REPO) if file.name in FOLDER)
    first.fetch(files=files)
    sent = hub.sent()
    paths = second.fetch(first.lends(), files=files)
    assert {path.name: path.read_bytes() for path in paths} == FOLDER
    assert len({path.parent for path in paths}) == 1
    assert hub.sent() == sent == sum(map(len, FOLDER.values()))


def test_a_copy_that_went_bad_on_its_disk_is_found(machines: Machines, hub: StandInHub) -> None:
    """Of the same size, and with the same time: its holder cannot know."""
    first, second = machines("a"), machines("b")
    (path,) = first.fetch()
    before = path.stat().st_mtime_ns
    path.write_bytes(bytes(len(DATA)))
    os.utime(path, ns=(before, before))
    assert second.fetch(first.lends())[0].read_bytes() == DATA
    assert hub.sent() == 2 * len(DATA)
    assert "Its own copy may be damaged." in second.notices[-1]


@pytest.mark.parametrize("loss", ["the file is written to", "the node ends"])
def test_what_is_lost_in_the_middle_comes_from_the_hub(machines: Machines, hub: StandInHub, loss: str) -> None:
    first, second = machines("a"), machines("b")
    (path,) = first.fetch()
    with ExitStack() as node:
        first._closing = node
        there = first.lends(rate=3 * BLOCK)
        partial = second.cache / "models--someone--Tiny-GGUF" / "blobs" / f"{FILE.sha256}.localswarm.incomplete"
        thread = threading.Thread(target=second.fetch, args=(there,))
        thread.start()
        while not partial.exists() or not BLOCK <= partial.stat().st_size:
            assert thread.is_alive()
            time.sleep(0.01)
        if loss == "the node ends":
            node.close()
        else:
            path.write_bytes(bytes(len(DATA)))
            os.utime(path, ns=(1, 1))
        thread.join(30)
    assert second.fetch()[0].read_bytes() == DATA
    assert 0 < hub.bodies()[-1].begin < len(DATA)


def test_a_download_that_has_not_ended_is_not_lent(machines: Machines, hub: StandInHub) -> None:
    """Of two that want the same at once, neither waits for the other."""
    hub.hold_at = 3 * BLOCK
    first, second = machines("a"), machines("b")
    ends = [first.lends(), second.lends()]
    both = [
        threading.Thread(target=one.fetch, args=(end,)) for one, end in zip((first, second), ends[::-1], strict=True)
    ]
    for thread in both:
        thread.start()
    while sum(asked.sent >= 3 * BLOCK for asked in hub.bodies()) < 2:
        assert all(thread.is_alive() for thread in both)
        time.sleep(0.01)
    hub.go_on.set()
    for thread in both:
        thread.join(30)
    assert [one.fetch()[0].read_bytes() for one in (first, second)] == [DATA, DATA]
    assert hub.sent() == 2 * len(DATA)


TOML = family("tiny", one_million(Q8), gguf=f'repo = "{REPO}", file = "tiny-{{quant}}.gguf"')


@pytest.fixture
def model(tiny: Callable[[str], Path]) -> bytes:
    return tiny("llama").read_bytes()


def library(machine: Machine, *neighbours: Endpoint) -> Library:
    file = machine.cache.parent / "models.toml"
    file.write_text(TOML)
    here = Caches(hub=(machine.cache,))
    downloader = machine.downloader(*neighbours)
    return Library(catalogue.load(file, None), here, machine.hub, downloader, machine.digests)


def card(library: Library, data: bytes) -> ModelCard:
    (found,) = library.catalogue.cards
    return replace(found, files=(ModelFile(NAME, len(data), etag(NAME, data)),))


def test_without_internet_a_neighbour_is_enough(machines: Machines, hub: StandInHub, model: bytes) -> None:
    hub.repos[REPO][NAME] = model
    first, second = machines("a"), machines("b")
    known = card(library(first), model)
    library(first).fetch(known)
    hub.__exit__(None, None, None)
    theirs = library(second, first.lends())
    assert theirs.local(known) is None
    assert theirs.exact(known) == known
    assert theirs.body(known).geometry.layers > 0
    path = theirs.fetch(known)
    assert path.read_bytes() == model
    assert theirs.local(known) == path, "and the next start finds it"
    assert first.cache not in path.parents


def test_without_internet_and_neighbours_it_is_said_as_before(machines: Machines, hub: StandInHub) -> None:
    alone = library(machines("a"))
    hub.__exit__(None, None, None)
    with pytest.raises(HubUnreachable, match="cannot be reached"):
        alone.body(card(alone, DATA))


def test_a_header_that_went_bad_is_read_from_the_hub(machines: Machines, hub: StandInHub, model: bytes) -> None:
    hub.repos[REPO][NAME] = model
    first, second = machines("a"), machines("b")
    known = card(library(first), model)
    path = library(first).fetch(known)
    before = path.stat().st_mtime_ns
    path.write_bytes(bytes(len(model)))
    os.utime(path, ns=(before, before))
    assert library(second, first.lends()).body(known).geometry.layers > 0
    with pytest.raises(ModelUnusable):
        hub.repos[REPO][NAME] = bytes(len(model))
        library(machines("c")).body(known)

"""Downloads that neighbours help with: they come first, and nothing that they do is worse than if they were away."""

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from localswarm.models.card import ModelFile
from localswarm.models.hub.download import Downloader
from localswarm.models.hub.hub import Hub, HubSettings
from localswarm.models.hub.patience import Patience
from localswarm.models.hub.places import Places
from localswarm.models.hub.progress import Meter, Progress, Watch
from localswarm.models.hub.refusals import Damaged, HubUnreachable, NoRoom
from localswarm.models.hub.remote_file import open_copy
from localswarm.models.hub.storage import Storage
from localswarm.models.hub.taking import Taking

from ..stand_in_hub import COMMIT, Answer, StandInHub, etag
from .neighbours import FakeCopy, Street

REPO = "someone/small-GGUF"
NAME = "small-Q4_0.gguf"
DATA = random.Random(3).randbytes(2**20 + 321)
FILE = ModelFile(NAME, len(DATA), etag(NAME, DATA))
PARTS = {f"big-{n:05}-of-00003.gguf": random.Random(n).randbytes(100_000 + n) for n in (1, 2, 3)}
SMALL = b'{"model_type": "llama"}'


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with StandInHub() as stand_in:
        stand_in.repos[REPO] = {NAME: DATA, "config.json": SMALL, **PARTS}
        yield stand_in


class House:
    def __init__(self, hub: StandInHub, cache: Path) -> None:
        self.hub = hub
        self.cache = cache
        self.notices: list[str] = []
        self.seen: list[Progress] = []
        self.verified: list[tuple[Path, str]] = []
        self.free = 2**40

    def fetch(self, *copies: FakeCopy, files: tuple[ModelFile, ...] = (FILE,), reserve: int = 2**30) -> list[Path]:
        hub = Hub(HubSettings(self.cache, self.hub.endpoint), Patience(attempts=2, silence=5, sleep=lambda _: None))
        return Downloader(
            hub,
            Watch(self.seen.append, self.notices.append),
            lambda _: self.free,
            reserve,
            Street(*copies),
            lambda path, sha256: self.verified.append((path, sha256)),
        ).fetch(REPO, files)

    @property
    def partial(self) -> Path:
        path = Storage(self.cache, REPO).partial(str(FILE.sha256))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def house(hub: StandInHub, tmp_path: Path) -> House:
    return House(hub, tmp_path)


def test_the_hub_says_what_it_is_and_the_neighbour_gives_it(house: House, hub: StandInHub) -> None:
    (path,) = house.fetch(FakeCopy(DATA))
    assert path.read_bytes() == DATA and path.parent.name == COMMIT
    assert hub.sent() == 0
    assert house.verified == [(path, FILE.sha256)]
    assert house.notices == [f"Taking {NAME} from den (192.168.1.7), a machine of this swarm."]
    assert {each.source for each in house.seen if each.stage == "download"} >= {"den (192.168.1.7)"}


def test_it_goes_on_at_the_byte(house: House, hub: StandInHub) -> None:
    house.partial.write_bytes(DATA[:300_000])
    house.fetch(copy := FakeCopy(DATA))
    assert copy.asked == [300_000] and hub.sent() == 0


@pytest.mark.parametrize(
    ("copies", "from_hub"),
    [
        ([FakeCopy(DATA, goes=0)], len(DATA)),  # it is full, or has lost it
        ([FakeCopy(DATA, brings=400_000, goes=1)], len(DATA) - 400_000),  # it dies
        ([FakeCopy(DATA, brings=300_000)], 0),  # it is cut again and again, and goes on
        ([FakeCopy(DATA, brings=100_000)], len(DATA) - 500_000),  # until that is enough
        ([FakeCopy(DATA, brings=400_000, goes=1), FakeCopy(DATA)], 0),
        ([FakeCopy(DATA, chunk=2**30, brings=2**40)], 0),
    ],
)
def test_where_one_stops_another_goes_on(house: House, hub: StandInHub, copies: list[FakeCopy], from_hub: int) -> None:
    (path,) = house.fetch(*(FakeCopy(c.data, c.holder, c.brings, c.goes, c.chunk) for c in copies))
    assert path.read_bytes() == DATA
    assert hub.sent() == from_hub


def test_what_a_liar_sends_is_thrown_away_and_it_is_not_asked_again(house: House, hub: StandInHub) -> None:
    liar = FakeCopy(DATA[:-1] + b"!", "liar (10.0.0.6)")
    (path,) = house.fetch(liar)
    assert path.read_bytes() == DATA
    assert liar.rejected and len(liar.asked) == 1
    assert hub.sent() == len(DATA)
    assert "What liar (10.0.0.6) sent" in house.notices[-1]


def test_after_a_liar_an_honest_one_is_asked(house: House, hub: StandInHub) -> None:
    liar, honest = FakeCopy(bytes(len(DATA))), FakeCopy(DATA)
    assert house.fetch(liar, honest)[0].read_bytes() == DATA
    assert (liar.rejected, honest.rejected) == (True, False)
    assert hub.sent() == 0


def test_of_two_that_gave_parts_both_are_doubted(house: House) -> None:
    liar, other = FakeCopy(bytes(len(DATA)), brings=1000, goes=1), FakeCopy(DATA)
    assert house.fetch(liar, other)[0].read_bytes() == DATA
    assert liar.rejected and other.rejected


def test_damage_of_the_hubs_own_is_damage_still(house: House, hub: StandInHub) -> None:
    hub.corrupt_at = 1234
    with pytest.raises(Damaged):
        house.fetch(FakeCopy(DATA, goes=0))
    assert not house.partial.exists()


def test_one_that_sends_more_than_it_was_asked_for(house: House) -> None:
    class Generous(FakeCopy):
        def read(self, begin: int, end: int) -> Iterator[bytes]:
            yield from super().read(begin, end)
            yield b"and more"

    assert house.fetch(Generous(DATA))[0].read_bytes() == DATA


def test_small_files_go_by_gits_name(house: House, hub: StandInHub) -> None:
    (path,) = house.fetch(FakeCopy(SMALL), files=(ModelFile("config.json", len(SMALL)),))
    assert path.read_bytes() == SMALL
    assert [asked.method for asked in hub.asked] == ["HEAD"]
    assert house.verified == []


def test_several_parts_lie_together(house: House, hub: StandInHub) -> None:
    files = tuple(ModelFile(name, len(data), etag(name, data)) for name, data in PARTS.items())
    first, _, third = (FakeCopy(data) for data in PARTS.values())
    paths = house.fetch(first, third, files=files)
    assert [path.read_bytes() for path in paths] == list(PARTS.values())
    assert len({path.parent for path in paths}) == 1
    assert hub.sent() == len(PARTS[files[1].name])


def test_without_a_hub_neighbours_are_enough_where_the_hash_is_known(house: House, hub: StandInHub) -> None:
    hub.answers = [Answer(500)] * 99
    files = tuple(ModelFile(name, len(data), etag(name, data)) for name, data in PARTS.items())
    paths = house.fetch(*map(FakeCopy, PARTS.values()), files=files)
    assert [path.read_bytes() for path in paths] == list(PARTS.values())
    assert [path.name for path in paths] == list(PARTS)
    assert len({path.parent for path in paths}) == 1
    assert not (Storage(house.cache, REPO).folder / "refs").exists(), "nobody knows the commit"
    assert house.fetch(files=files) == paths


def test_without_a_hub_and_with_half_of_it_nothing_is_begun(house: House, hub: StandInHub) -> None:
    hub.answers = [Answer(500)] * 99
    files = tuple(ModelFile(name, len(data), etag(name, data)) for name, data in PARTS.items())
    with pytest.raises(HubUnreachable):
        house.fetch(FakeCopy(PARTS[files[0].name]), files=files)
    assert not Storage(house.cache, REPO).folder.exists()


def test_without_a_hub_and_with_neighbours_that_fail(house: House, hub: StandInHub) -> None:
    hub.answers = [Answer(500)] * 99
    with pytest.raises(HubUnreachable):
        house.fetch(FakeCopy(DATA, brings=1000, goes=1))
    assert house.partial.read_bytes() == DATA[:1000]
    hub.answers = []
    assert house.fetch()[0].read_bytes() == DATA


def test_a_hub_that_is_away_is_no_matter_once_a_neighbour_gives_all(house: House, hub: StandInHub) -> None:
    hub.answers = [Answer(500, "/large/")] * 99
    assert house.fetch(FakeCopy(DATA))[0].read_bytes() == DATA


def test_room_is_looked_for_before_a_neighbour_is_asked(house: House) -> None:
    house.free = 100
    with pytest.raises(NoRoom):
        house.fetch(copy := FakeCopy(DATA))
    assert copy.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_disk_that_becomes_full_is_not_the_neighbours_fault(house: House) -> None:
    house.partial.symlink_to("/dev/full")
    with pytest.raises(NoRoom, match="became full"):
        house.fetch(copy := FakeCopy(DATA))
    assert len(copy.asked) == 1 and not copy.rejected


def test_slow_neighbours_are_left_for_the_hub(house: House, hub: StandInHub, tmp_path: Path) -> None:
    slow = FakeCopy(DATA, chunk=100_000)
    assert taken(house, tmp_path, slow, seconds=1.0) == DATA
    assert hub.bodies()[0].begin == 500_000, "after one trial"


def test_fast_ones_are_kept(house: House, hub: StandInHub, tmp_path: Path) -> None:
    assert taken(house, tmp_path, FakeCopy(DATA, chunk=100_000), seconds=0.01) == DATA
    assert hub.sent() == 0


def taken(house: House, folder: Path, copy: FakeCopy, seconds: float) -> bytes:
    """What is taken while each look at the clock finds it so much later."""
    hub = Hub(HubSettings(folder, house.hub.endpoint))
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += seconds
        return now

    watch = Watch()
    with (folder / "file").open("ab", buffering=0) as file:
        meter = Meter(watch, len(DATA))
        meter.begin(NAME, "download", 0)
        Taking(hub, hub.resolve(REPO, NAME), file, meter, watch, Places([copy]), clock=clock).complete()
    return (folder / "file").read_bytes()


def test_a_header_is_read_from_a_copy(tiny: Callable[[str], Path]) -> None:
    data = tiny("llama").read_bytes()
    with open_copy(FakeCopy(data), len(data)) as file:
        file.seek(7)
        assert file.read(10_000) == data[7:10_007]
        file.seek(-3, 2)
        assert file.read() == data[-3:]
    with open_copy(FakeCopy(data, goes=0), len(data)) as file:
        assert file.read(4) == b""


def test_the_name_in_place_of_a_commit_is_that_of_the_contents(tmp_path: Path) -> None:
    hub = Hub(HubSettings(tmp_path))
    (remote,) = hub.expected(REPO, [FILE])
    assert remote.commit == hashlib.sha1(str(FILE.sha256).encode()).hexdigest()
    assert hub.expected(REPO, [FILE, ModelFile("config.json", 2)]) == []

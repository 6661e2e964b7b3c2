"""The key of a node that listens beyond loopback."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.node import key
from localswarm.settings import Settings


@pytest.fixture
def open_to_all(tmp_path: Path) -> Settings:
    return replace(Settings(), host="0.0.0.0", state_dir=tmp_path)


def test_loopback_needs_none(tmp_path: Path) -> None:
    assert key.needed(replace(Settings(), state_dir=tmp_path)) is None
    assert key.needed(replace(Settings(), state_dir=tmp_path, api_key="mine")) == "mine"


def test_it_is_made_once_and_only_its_owner_reads_it(open_to_all: Settings) -> None:
    made = key.needed(open_to_all)
    assert made and len(made) > 20 and key.needed(open_to_all) == made
    assert (open_to_all.state_dir / "api-key").stat().st_mode & 0o077 == 0


def test_an_empty_file_is_no_key(open_to_all: Settings) -> None:
    (open_to_all.state_dir / "api-key").write_text("\n")
    made = key.needed(open_to_all)
    assert made and key.needed(open_to_all) == made


def test_nodes_that_start_at_once_take_the_same(open_to_all: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: key.needed(open_to_all), range(32)))) == 1


def test_what_is_no_file_is_said(open_to_all: Settings) -> None:
    (open_to_all.state_dir / "api-key").mkdir()
    with pytest.raises(SettingError, match="api-key"):
        key.needed(open_to_all)

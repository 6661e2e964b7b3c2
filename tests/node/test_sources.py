"""Where models come from, by our settings and by the variables of the hub's own tools."""

from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.models.hub.hub import ENDPOINT
from localswarm.models.hub.neighbours import Alone
from localswarm.node import sources
from localswarm.node.config import config_folder
from localswarm.node.sources import hub_settings
from localswarm.settings import Settings
from localswarm.state import State

MIRROR = "https://mirror.example"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of somebody who is logged in at the hub."""
    folder = tmp_path / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text("hf_stored\n")
    return tmp_path


@pytest.mark.parametrize(
    ("variables", "hub", "token"),
    [
        ({}, ENDPOINT, "hf_stored"),
        ({"HF_TOKEN": " hf_given\n"}, ENDPOINT, "hf_given"),
        ({"HF_TOKEN": " "}, ENDPOINT, "hf_stored"),
        ({}, MIRROR, None),  # it was given for the usual hub
        ({"HF_TOKEN": "hf_given"}, MIRROR, "hf_given"),  # whoever sets it may mean the mirror
        ({"HF_HOME": "/nonexistent"}, ENDPOINT, None),
        ({"XDG_CACHE_HOME": "/nonexistent"}, ENDPOINT, None),
    ],
)
def test_which_token_is_sent(variables: dict[str, str], hub: str, token: str | None, home: Path) -> None:
    assert hub_settings(replace(Settings(), hub=hub), {"HOME": str(home)} | variables).token == token


@pytest.mark.parametrize("token", ["two words", "h\u00e9", "a\x00b"])
def test_what_is_no_token(token: str, home: Path) -> None:
    for variables in ({"HF_TOKEN": token}, {}):
        (home / ".cache" / "huggingface" / "token").write_text(token, encoding="utf-8")
        with pytest.raises(SettingError, match="HF_TOKEN") as caught:
            hub_settings(Settings(), {"HOME": str(home)} | variables)
        assert token not in caught.value.message


def test_a_stored_token_that_is_no_text_is_none(home: Path) -> None:
    (home / ".cache" / "huggingface" / "token").write_bytes(b"\xff\xfe")
    assert hub_settings(Settings(), {"HOME": str(home)}).token is None


@pytest.mark.parametrize(
    ("settings", "variables", "endpoint"),
    [
        (Settings(), {}, ENDPOINT),
        (Settings(), {"HF_ENDPOINT": MIRROR}, MIRROR),
        (Settings(), {"HF_ENDPOINT": ""}, ENDPOINT),
        (Settings(hub="https://ours.example"), {"HF_ENDPOINT": MIRROR}, "https://ours.example"),
    ],
)
def test_which_hub_is_asked(settings: Settings, variables: dict[str, str], endpoint: str) -> None:
    assert hub_settings(settings, variables).endpoint == endpoint


@pytest.mark.parametrize(
    ("settings", "variables", "offline"),
    [
        (Settings(), {}, False),
        (Settings(offline=True), {}, True),
        (Settings(), {"HF_HUB_OFFLINE": "YES"}, True),
        (Settings(), {"HF_HUB_OFFLINE": "0"}, False),
    ],
)
def test_whether_any_is_asked(settings: Settings, variables: dict[str, str], offline: bool) -> None:
    assert hub_settings(settings, variables).offline is offline


@pytest.mark.parametrize(
    ("settings", "variables", "cache"),
    [
        (Settings(), {}, "/h/.cache/huggingface/hub"),
        (Settings(), {"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        (Settings(), {"HF_HOME": "/f", "XDG_CACHE_HOME": "/x"}, "/f/hub"),
        (Settings(), {"HF_HUB_CACHE": "/c", "HF_HOME": "/f"}, "/c"),
        (Settings(models_dir=Path("/m")), {"HF_HUB_CACHE": "/c"}, "/m"),
    ],
)
def test_where_models_are_kept(settings: Settings, variables: dict[str, str], cache: str) -> None:
    assert hub_settings(settings, {"HOME": "/h"} | variables).cache == Path(cache)


@pytest.mark.parametrize("offline", [False, True])
def test_offline_nobody_else_is_asked_either(offline: bool, tmp_path: Path) -> None:
    neighbours = Alone()
    settings = replace(Settings(), offline=offline, state_dir=tmp_path)
    with State(tmp_path) as state:
        library = sources.library(settings, {"HOME": str(tmp_path)}, state, config_folder(), print, print, neighbours)
    assert (library.downloader.neighbours is neighbours) is not offline

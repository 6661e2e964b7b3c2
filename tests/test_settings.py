"""Settings: defaults, then variables, then flags; and every error names its source."""

from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.settings import OPTIONS, Settings, default_state_dir, load, same_again

HOME = {"HOME": "/home/x"}


def test_flags_win_over_variables_and_these_over_defaults() -> None:
    environ = HOME | {"LOCALSWARM_PORT": "1000", "LOCALSWARM_CONTEXT": "2000"}
    settings = load({"port": "3000"}, environ)
    assert (settings.port, settings.context, settings.instances) == (3000, 2000, 8)


@pytest.mark.parametrize(
    ("flags", "environ", "words"),
    [
        ({"port": "x"}, {}, "--port x: 'x' is not a whole number"),
        ({"port": "70000"}, {}, "--port 70000: 70000 is not between 0 and 65535"),
        ({"context": "-1"}, {}, "--context -1"),
        ({"instances": "0"}, {}, "--instances 0"),
        ({}, {"LOCALSWARM_AUTO": "maybe"}, "LOCALSWARM_AUTO maybe"),
        ({"model": " "}, {}, "it is empty"),
    ],
)
def test_a_wrong_value_names_where_it_came_from(flags: dict[str, str], environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        load(flags, HOME | environ)


def test_the_state_folder_of_each_system() -> None:
    assert default_state_dir(HOME, "linux") == Path("/home/x/.local/state/localswarm")
    assert default_state_dir(HOME | {"XDG_STATE_HOME": "/s"}, "linux") == Path("/s/localswarm")
    assert default_state_dir(HOME, "darwin") == Path("/home/x/Library/Application Support/localswarm")
    assert default_state_dir({"LOCALAPPDATA": "/l"}, "win32") == Path("/l/localswarm")


def test_the_same_again_loads_to_the_same_settings() -> None:
    settings = load({"model": "/a b.gguf", "port": "5", "context": "512"}, HOME | {"LOCALSWARM_API_KEY": "secret"})
    words = list(same_again(settings))
    assert "secret" not in words
    flags = dict(zip([word[2:].replace("-", "_") for word in words[::2]], words[1::2], strict=True))
    assert load(flags, HOME | {"LOCALSWARM_API_KEY": "secret"}) == settings


def test_every_setting_is_in_the_table_and_in_the_docs() -> None:
    assert {option.name for option in OPTIONS} == set(Settings.__dataclass_fields__)
    page = Path(__file__).resolve().parents[1].joinpath("docs/configuration.md").read_text()
    for option in OPTIONS:
        assert f"`{option.variable}`" in page
        assert option.secret or f"`{option.flag}`" in page

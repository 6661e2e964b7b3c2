"""Keys of servers, from where the settings say that they are."""

from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.node.server_keys import read
from localswarm.node.tools import tool_server
from localswarm.settings import Settings
from localswarm.settings.keys import KeyPlace
from localswarm.settings.tools import Mount

MISSING = KeyPlace(variable="NO_SUCH_KEY")


def test_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("sk-file\n")
    monkeypatch.setenv("SOME_KEY", "sk-variable")
    places = (None, KeyPlace(tmp_path / "key"), KeyPlace(variable="SOME_KEY"))
    assert [read(one, "--mcp docs") for one in places] == ["", "sk-file", "sk-variable"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (MISSING, "The variable NO_SUCH_KEY, which --mcp docs names, is not set."),
        (KeyPlace(Path("/no/such.key")), "The key file /no/such.key of --mcp docs cannot be read (No such file"),
    ],
)
def test_where_they_are_not(place: KeyPlace, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(place, "--mcp docs")
    assert caught.value.message.startswith(words)


def test_a_tool_host_does_not_start_without_the_key_of_what_it_mounts(tmp_path: Path) -> None:
    for name in ("project", "state"):
        (tmp_path / name).mkdir()
    mount = Mount("docs", url="https://docs.example/mcp", key=MISSING)
    settings = Settings(tool_server=True, root=tmp_path / "project", state_dir=tmp_path / "state", mcp=(mount,))
    with pytest.raises(SettingError, match="NO_SUCH_KEY, which --mcp docs names"):
        tool_server(settings, ())

"""`--mcp` where there is no tool host: refused, or told, but never passed over."""

from argparse import Namespace

import pytest
from localswarm.cli import mounts
from localswarm.errors import SettingError
from localswarm.settings import Settings
from localswarm.settings.tools import Mount

MOUNTED = Settings(mcp=(Mount("git", ("uvx", "mcp-server-git")),))
GIVEN, KEPT = Namespace(mcp=["git=uvx mcp-server-git"]), Namespace(mcp=None)


def test_what_was_given_for_this_start_is_refused() -> None:
    with pytest.raises(SettingError, match=r"there is none here: add --tool-server, or leave out --mcp\."):
        mounts.check(MOUNTED, GIVEN, False, "add --tool-server")


def test_what_a_file_says_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    mounts.check(MOUNTED, KEPT, False, "add --tool-server")
    said = capsys.readouterr().err
    assert said.startswith("warning: ") and said.endswith("add --tool-server. Without it they are left out.\n")


@pytest.mark.parametrize(("settings", "used"), [(MOUNTED, True), (Settings(), False)])
def test_where_nothing_is_wrong(settings: Settings, used: bool, capsys: pytest.CaptureFixture[str]) -> None:
    mounts.check(settings, GIVEN, used, "")
    assert not capsys.readouterr().err

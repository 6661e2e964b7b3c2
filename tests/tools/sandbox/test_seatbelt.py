"""The text that macOS's sandbox is given."""

import sys

import pytest
from localswarm.tools.files import Root
from localswarm.tools.sandbox import Limits, NoSandbox
from localswarm.tools.sandbox.seatbelt import Seatbelt, bounded, profile, quoted


def test_all_is_denied_that_is_not_allowed() -> None:
    lines = profile("/Users/me/project", "/private/var/own", writable=True).splitlines()
    assert lines[:2] == ["(version 1)", "(deny default)"] and lines[-1] == "(deny network*)"
    written = [line for line in lines if line.startswith("(allow") and "file-write*" in line]
    assert written == [
        '(allow file-read* file-write* (subpath "/private/var/own"))',
        '(allow file-read* file-write* (subpath "/Users/me/project"))',
    ]
    assert not any("mach-lookup" in line or "network" in line for line in lines[:-1])


def test_what_is_obeyed_later_is_kept_behind_what_is_allowed() -> None:
    lines = profile("/p", "/own", writable=True).splitlines()
    allowed = max(at for at, line in enumerate(lines) if line.startswith("(allow"))
    for path in (".git/hooks", ".git/config", ".envrc", ".claude"):
        assert lines.index(f'(deny file-write* (subpath "/p/{path}"))') > allowed
    assert lines.index('(deny file-write-unlink file-write-create (literal "/p/.git"))') > allowed


def test_what_is_only_looked_at() -> None:
    assert '(allow file-read* (subpath "/p"))' in profile("/p", "/own", writable=False)


@pytest.mark.parametrize("path, said", [("/a b", '"/a b"'), ('/a"b', r'"/a\"b"'), ("/a\\b", r'"/a\\b"')])
def test_no_path_ends_its_own_quotes(path: str, said: str) -> None:
    assert quoted(path) == said


def test_the_shell_around_a_program() -> None:
    words = bounded(Limits(cpu_seconds=7, file=1024))
    assert words[:2] == ["/bin/sh", "-c"] and "ulimit -t 7; ulimit -f 2;" in words[2] and words[2].endswith('exec "$@"')


@pytest.mark.skipif(sys.platform == "darwin", reason="there it is")
def test_elsewhere_there_is_none(root: Root) -> None:
    with pytest.raises(NoSandbox, match="macOS"):
        Seatbelt(root)

import resource
from pathlib import Path

import pytest
from localswarm.tools import audit
from localswarm.tools.audit import Audit, entry


def test_calls_are_written_down_and_told(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.write(entry("begun", ("node", "desk"), ("1", "bash", "ls"), decision="allow"))
    log.write(
        entry("ended", ("node", "desk"), ("1", "bash", "ls"), decision="allow", state="done", size=3, seconds=0.1)
    )
    log.write(entry("begun", ("node", "desk"), ("2", "bash", "\x1b[2J\u202e\ud800\nevil"), decision="allow"))
    first, second = Audit(tmp_path).last(10)
    assert (first.id, first.state, first.size, first.name) == ("1", "done", 3, "desk")
    assert (second.id, second.event, second.state) == ("2", "begun", "")
    assert Audit(tmp_path).begun() == [("node", "1"), ("node", "2")]
    content = (tmp_path / audit.FILE).read_bytes()
    assert content.isascii() and b"\x1b" not in content and content.count(b"\n") == 3
    assert (tmp_path / audit.FILE).stat().st_mode & 0o077 == 0


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.write(entry("begun", ("node", ""), ("1", "bash", "")))
    with open(tmp_path / audit.FILE, "ab") as file:
        file.write(b'{"event": "beg\xff\n[]\n{}\n')
    log.write(entry("begun", ("node", ""), ("2", "bash", "")))
    assert [one.id for one in log.last(10)] == ["1", "2"]


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LARGEST", 5000)
    log = Audit(tmp_path)
    for number in range(100):
        log.write(entry("ended", ("node", ""), (str(number), "write", "x" * 10**6), state="done"))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 20_000
    assert log.last(1)[0].id == "99"


def test_a_line_that_was_cut_off_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    (tmp_path / audit.FILE).write_text('{"event": "begun", "at"')
    Audit(tmp_path).write(entry("begun", ("node", ""), ("2", "bash", "")))
    assert Audit(tmp_path).begun() == [("node", "2")]


def test_half_a_line_is_none(tmp_path: Path) -> None:
    """As where the disk is full: what could be written is not enough, and nothing may be done."""
    log = Audit(tmp_path)
    log.write(entry("begun", ("node", ""), ("1", "bash", "")))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / audit.FILE).stat().st_size + 20, before[1]))
    try:
        with pytest.raises(OSError):
            log.write(entry("begun", ("node", ""), ("2", "bash", "")))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    log.write(entry("begun", ("node", ""), ("3", "bash", "")))
    assert [one.id for one in log.last(10)] == ["1", "3"]


def test_nobody_drives_the_others_out_with_a_long_name(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.write(entry("ended", ("node", "n" * 10**7), ("1", "t" * 10**7, "a" * 10**7), state="failed"))
    assert (tmp_path / audit.FILE).stat().st_size < 10_000


def test_what_is_done_last_does_not_hide_behind_what_is_long(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.write(entry("begun", ("node", ""), ("1", "bash", f"ls{' ' * 10**6}; rm -r .")))
    (shown,) = log.last(1)
    assert shown.arguments.startswith("ls ") and shown.arguments.endswith("; rm -r .")
    assert "[... 998011 characters ...]" in shown.arguments
    log.write(entry("begun", ("node", ""), ("2", "bash", "x" * audit.SHOWN)))
    assert log.last(1)[0].arguments == "x" * audit.SHOWN

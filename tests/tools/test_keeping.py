"""Long outputs of programs."""

import resource
from pathlib import Path

from localswarm.tools.keeping import HEAD, TAIL, Kept


def test_a_full_disk_leaves_what_the_model_is_told(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with Kept(tmp_path) as kept:
            kept.take(b"the beginning\n" + b"x" * (HEAD + TAIL))
            assert all(kept.take(b"y" * 1000) for _ in range(100))
            assert kept.take(b"\nthe end")
            text = kept.text()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert text.startswith("the beginning") and text.endswith("the end")
    assert "could not be kept: the disk of this host is full" in text and "output:" not in text


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with Kept(tmp_path / "gone") as kept:
        assert kept.take(b"x" * 2 * (HEAD + TAIL))
        assert "could not be kept" in kept.text()

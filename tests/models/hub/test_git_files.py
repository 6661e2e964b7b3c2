"""Small files are found by git's name for their bytes, if those are still the same."""

from pathlib import Path

import pytest
from localswarm.models.hub import git_files
from localswarm.models.hub.storage import Storage

from ..stand_in_hub import git_name

DATA = b'{"model_type": "llama"}'


def put(cache: Path, data: bytes, name: str, repo: str = "someone/Tiny") -> Path:
    blob = Storage(cache, repo).blob(name)
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    return blob


def test_a_file_of_a_model(tmp_path: Path) -> None:
    blob = put(tmp_path, DATA, git_name(DATA))
    put(tmp_path, b"other", git_name(b"other"), "someone/Other")
    assert git_files.find([tmp_path / "none", tmp_path], git_name(DATA)) == blob


def test_one_that_was_changed_is_none(tmp_path: Path) -> None:
    put(tmp_path, DATA[::-1], git_name(DATA), "someone/Spoilt")
    assert git_files.find([tmp_path], git_name(DATA)) is None
    good = put(tmp_path, DATA, git_name(DATA), "someone/Whole")
    assert git_files.find([tmp_path], git_name(DATA)) == good


def test_data_sets_are_not_lent(tmp_path: Path) -> None:
    blob = put(tmp_path, DATA, git_name(DATA))
    blob.parents[1].rename(tmp_path / "datasets--someone--Tiny")
    assert git_files.find([tmp_path], git_name(DATA)) is None


@pytest.mark.parametrize("name", ["", "..", "../" * 13 + "x", "A" * 40, "a" * 64, "a" * 39 + "\n"])
def test_what_is_no_name(tmp_path: Path, name: str) -> None:
    assert git_files.find([tmp_path], name) is None

"""The servers that `--upstream` names, and their keys."""

from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.node.upstreams import servers
from localswarm.settings import Upstream, load
from localswarm.settings.keys import KeyPlace

HOME = {"HOME": "/home/x"}


def upstreams(*flags: str, **environ: str) -> tuple[Upstream, ...]:
    return load({"upstream": list(flags)} if flags else {}, HOME | environ).upstream


def test_addresses_and_the_places_of_their_keys() -> None:
    assert upstreams() == ()
    assert upstreams("http://a:8000/v1/", "https://b", "http://c/api/v2,key_file=/k,http://d:1,key_variable=D_KEY") == (
        Upstream("http://a:8000/v1"),
        Upstream("https://b/v1"),
        Upstream("http://c/api/v2", KeyPlace(Path("/k"))),
        Upstream("http://d:1/v1", KeyPlace(variable="D_KEY")),
    )
    assert upstreams(LOCALSWARM_UPSTREAM="http://a, http://b") == (Upstream("http://a/v1"), Upstream("http://b/v1"))


def test_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('upstream = ["http://a:1", "http://b:2,key_file=b.key"]\n')
    found = load({"config": str(file)}, HOME).upstream
    assert found == (Upstream("http://a:1/v1"), Upstream("http://b:2/v1", KeyPlace(tmp_path / "b.key")))
    assert [str(one) for one in found] == ["http://a:1/v1", f"http://b:2/v1,key_file={tmp_path / 'b.key'}"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("host:8000", "is not an address like http://host:8000/v1"),
        ("ftp://host", "is not an address"),
        ("http://user:secret@host/v1", "neither a password nor a query"),
        ("http://host/v1?key=secret", "neither a password nor a query"),
        ("http://a,http://a/v1", "http://a/v1 is there twice"),
        ("key_file=/k", "must follow the address"),
        ("http://a,key_variable=A B", "not the name of a variable"),
        ("http://a,key_file=/k,key_variable=A", "has two keys"),
        ("http://a,", "is not an address"),
        (" ", "it is empty"),
    ],
)
def test_what_is_wrong(said: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        upstreams(said)


def test_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("sk-file\n")
    monkeypatch.setenv("SOME_KEY", "sk-variable")
    settings = load({"upstream": ["http://a", f"http://b,key_file={file}", "http://c,key_variable=SOME_KEY"]}, HOME)
    found = servers(settings, "me")
    assert [one.address.key for one in found] == ["", "sk-file", "sk-variable"]
    assert "sk-" not in repr([one.address for one in found])


def test_keys_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd").write_text("two words")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    for place, words in (
        (f"key_file={tmp_path / 'none'}", "cannot be read"),
        (f"key_file={tmp_path}", "cannot be read"),
        (f"key_file={tmp_path / 'binary'}", "it is no text"),
        (f"key_file={tmp_path / 'odd'}", "is none: a key has only"),
        ("key_variable=NO_SUCH_KEY", "NO_SUCH_KEY, which --upstream http://a/v1 names, is not set"),
    ):
        with pytest.raises(SettingError, match=words) as caught:
            servers(load({"upstream": [f"http://a,{place}"]}, HOME), "me")
        assert "two words" not in caught.value.message

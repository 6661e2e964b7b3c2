"""Settings that name other machines, and those that are for one start."""

import argparse
from dataclasses import replace
from pathlib import Path

import pytest
from localswarm.errors import SettingError
from localswarm.settings import Pin, Place, Settings, add_flags, load, read, same_again

HOME = {"HOME": "/home/x"}
CODE = "ABCD-EFGH-JKMN-PQRS-TVWXY"


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("192.168.1.7", [Place("192.168.1.7", 17617)]),
        ("desk.local:5, [fd00::7]:6", [Place("desk.local", 5), Place("fd00::7", 6)]),
        ("fd00::7", [Place("fd00::7", 17617)]),
        ("[fe80::1%eth0]", [Place("fe80::1%eth0", 17617)]),
    ],
)
def test_peers(said: str, places: list[Place]) -> None:
    found = load({}, HOME | {"LOCALSWARM_PEER": said}).peer
    assert list(found) == places
    assert load({"peer": ",".join(map(str, found))}, HOME).peer == found, "as it is written it is read"


@pytest.mark.parametrize(
    "said", ["desk:0", "desk:70000", "desk:x", "a b", "http://desk:5", "desk/x", "[fd00::7", "desk:5:6x]", "u@desk"]
)
def test_what_is_no_peer(said: str) -> None:
    with pytest.raises(SettingError, match=r"--peer .* is not like 192\.168\.1\.7"):
        load({"peer": said}, HOME)


@pytest.mark.parametrize(
    ("said", "pin"),
    [
        ("123456", Pin("123456")),
        ("123 456", Pin("123456")),
        ("012345@desk:7", Pin("012345", Place("desk", 7))),
        ("012345@[fd00::7]:7", Pin("012345", Place("fd00::7", 7))),
    ],
)
def test_pins(said: str, pin: Pin) -> None:
    assert load({"pair": said}, HOME).pair == pin
    assert load({"pair": str(pin)}, HOME).pair == pin


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("12345", "a PIN has 6 digits"),
        ("12345x", "a PIN has 6 digits"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "a PIN has 6 digits"),
        ("123456@desk", "an address and a port"),
        ("123456@", "an address and a port"),
        ("123456@fd00::7", "an address and a port"),
        ("123456@a b:7", "is not like"),
    ],
)
def test_what_is_no_pin(said: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        load({"pair": said}, HOME)


@pytest.mark.parametrize("said", ["ABCD\x1b", " "])
def test_a_code_that_is_none_is_not_repeated(said: str) -> None:
    for flags, environ, place in (({"join": said}, {}, "--join"), ({}, {"LOCALSWARM_JOIN": said}, "LOCALSWARM_JOIN")):
        with pytest.raises(SettingError) as caught:
            load(flags, HOME | environ)
        assert caught.value.message.startswith((f"{place}: it is empty", f"{place}: it has control characters"))


def test_what_is_for_one_start_is_not_started_again() -> None:
    given = {"join": CODE, "pair": "123456", "peer": "desk:5,tower", "federation": "false", "open": "true"}
    settings = load(given, HOME)
    words = list(same_again(replace(settings, state_dir=Path())))
    assert words == ["--port", "17615", "--no-federation", "--peer", "desk:5", "--peer", "tower:17617", "--open"]
    parser = argparse.ArgumentParser()
    add_flags(parser)
    again = load(vars(parser.parse_args(words)), HOME)
    assert (again.federation, again.open, again.peer) == (False, True, settings.peer)
    assert (again.join, again.pair) == (None, None)


def test_the_flag_that_changes_something_is_shown() -> None:
    parser = argparse.ArgumentParser(prog="x")
    add_flags(parser)
    shown = parser.format_help()
    assert "--no-federation" in shown and "  --federation" not in shown and "--no-auto" not in shown
    assert load(vars(parser.parse_args(["--federation"])), HOME | {"LOCALSWARM_FEDERATION": "no"}).federation
    assert Settings().federation and not load(vars(parser.parse_args(["--no-federation"])), HOME).federation


def test_a_code_in_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(f'join = "{CODE}"\n')
    (warning,) = read({"config": str(file)}, HOME).warnings
    assert f"chmod 600 {file}" in warning and CODE not in warning


def test_those_that_hold_a_part_of_a_model() -> None:
    assert load({"shard": "desk, 192.168.1.7:5"}, HOME).shard == ("desk", "192.168.1.7:5")
    assert load({"shard": ["desk", "Anna's box"]}, HOME).shard == ("desk", "Anna's box")
    assert list(same_again(Settings(port=1, shard=("desk", "box"), lend=True))) == [
        *("--port", "1", "--shard", "desk", "--shard", "box", "--lend"),
    ]

"""The swarm code as people type it."""

import random

import pytest
from localswarm.errors import SettingError
from localswarm.federation.code import ALPHABET, OPEN, Code

KNOWN = Code(0x0123456789ABCDEF012345678)
TEXT = "04HM-ASW9-NF6Y-Y093-8NKRX"


def test_its_form_never_changes() -> None:
    assert str(KNOWN) == TEXT
    assert Code.parse(TEXT) == KNOWN


def test_each_is_another_and_none_shows_itself_by_chance() -> None:
    codes = {Code.new() for _ in range(100)}
    assert len(codes) == 100
    assert all(Code.parse(str(code)) == code for code in codes)
    assert str(KNOWN.bits) not in repr(KNOWN) and TEXT not in repr(KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.lower(),
        TEXT.replace("-", ""),
        TEXT.replace("-", " "),
        f"  {TEXT}\n",
        TEXT.replace("-", "\u2013"),
        TEXT.replace("-", "\u2011"),
        TEXT.replace("-", "\u00a0"),
        "\ufeff" + TEXT.replace("-", "-\u200b"),
        TEXT.replace("0", "O"),
        TEXT.replace("0", "o"),
    ],
)
def test_it_is_forgiven(text: str) -> None:
    assert Code.parse(text) == KNOWN


def test_one_may_look_like_other_letters() -> None:
    code = next(code for code in iter(Code.new, None) if "1" in str(code))
    assert {Code.parse(str(code).replace("1", other)) for other in "IiLl"} == {code}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this one has 0"),
        (TEXT[:-1], "this one has 20"),
        (TEXT + "0", "this one has 22"),
        ("X" * 100_000, "this one has 100000"),
        (TEXT.replace("S", "U"), "no 'U'"),
        (TEXT.replace("S", "\u00e9"), "no '\u00c9'"),
        (TEXT.replace("S", "\x1b"), "this one has 20"),
        (str(OPEN), "--open"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said) as raised:
        Code.parse(text)
    assert "\x1b" not in raised.value.message


def test_every_single_typing_error_is_seen() -> None:
    bare = TEXT.replace("-", "")
    for place, right in enumerate(bare):
        for wrong in ALPHABET.replace(right, ""):
            with pytest.raises(SettingError, match="typing error"):
                Code.parse(bare[:place] + wrong + bare[place + 1 :])


def test_any_two_characters_that_changed_places_are_seen() -> None:
    characters = random.Random(1)
    for _ in range(300):
        bare = list(str(Code.new()).replace("-", ""))
        one, two = characters.sample(range(len(bare)), 2)
        if bare[one] == bare[two]:
            continue
        bare[one], bare[two] = bare[two], bare[one]
        with pytest.raises(SettingError, match="typing error"):
            Code.parse("".join(bare))

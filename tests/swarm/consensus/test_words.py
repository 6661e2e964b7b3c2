import pytest
from localswarm.swarm.consensus.words import Words, numbers_of, words_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a base of 10 and a height of 5", {10, 5}),
        ("a loan of $400,000 at 3.5%", {400000, 3.5}),
        ("from -4 to .5", {-4, 0.5}),
        ("charges of 1e-9 and 2E3", {1e-9, 2000}),
        ("twenty five players, two teams", {25, 2, 5}),
        ("3 million people and 20k cars", {3, 3e6, 1e6, 20, 20000}),
        ("the molecule DNA123 of June01", set()),
        ("440Hz for 5 seconds", {440, 5}),
        ("points (3,4) and (1,2)", {3, 4, 1, 2}),
    ],
)
def test_numbers_in_figures_and_in_letters(text: str, numbers: set[float]) -> None:
    assert set(numbers_of(text)) == numbers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calculate_triangle_area", ["calculate", "triangle", "area"]),
        ("getWeatherNow", ["get", "weather", "now"]),
        ("Zürich, 3rd", ["zurich", "3rd"]),
        ("", []),
    ],
)
def test_the_words_of_a_name(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("New York", 1.0),
        ("new_york", 1.0),
        ("NYC", 1.0),  # its initials
        ("Paris", 0.0),
        ("New Orleans", 0.5),
        ("convert", 1.0),  # another form of it
        ("EUR", 1.0),  # what it is short for
        ("3", 1.0),
        ("4", 0.0),
        ("", 0.0),
    ],
)
def test_so_much_of_a_text_is_said(text: str, share: float) -> None:
    assert Words("A conversion of 3 euros, in New York City").share_of_text(text) == share


def test_a_percentage_is_also_a_fraction() -> None:
    assert Words("at 4%").has_number(0.04)
    assert Words("at 4 percent").has_number(0.04)
    assert not Words("4 dogs").has_number(0.04)


def test_a_number_without_its_sign_is_the_same_number() -> None:
    assert Words("a loss of -20").has_number(20)
    assert not Words("a loss of -20").has_number(21)


def test_names_are_what_is_quoted_or_written_large_inside_a_sentence() -> None:
    said = Words("Find \"the matrix\" for John Smith. Then fly to San Jose, or to 'LA'")
    assert set(said.marked) == {"the matrix", "LA", "John Smith", "San Jose"}


def test_a_number_counts_as_often_as_it_is_mentioned() -> None:
    said = Words("4 by 4 metres, and 7 high")
    assert (said.times(4), said.times(7), said.times(9)) == (2, 1, 1)

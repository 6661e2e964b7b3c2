from localswarm.swarm.names import WORDS, Names


def test_a_seat_keeps_its_name_and_no_two_share_one() -> None:
    names = Names()
    seats = [(member, seat) for member in ("local", "qwen at tower", "qwen at den") for seat in range(60)]
    found = [names.of(*seat) for seat in seats]
    assert len(set(found)) == len(seats)
    assert [names.of(*seat) for seat in seats] == found


def test_the_first_names_are_the_same_after_a_restart() -> None:
    assert [Names().of("local", seat) for seat in range(3)] == [Names().of("local", seat) for seat in range(3)]


def test_words_are_plain_and_differ() -> None:
    assert len(set(WORDS)) == len(WORDS) > 100
    assert all(word.isalpha() and word.islower() for word in WORDS)

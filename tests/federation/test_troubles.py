"""What is told of nodes that this one has trouble with."""

from localswarm.federation.troubles import MOST, REMEMBERED_SECONDS, Troubles


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_is_told_once_and_again_where_it_changes() -> None:
    said: list[str] = []
    troubles = Troubles(said.append, Clock())
    for why in ("old", "old", "new"):
        troubles.note("a", why)
    assert said == ["swarm: old", "swarm: new"]
    assert troubles.of("a") == "new" and troubles.of("b") == ""


def test_it_ends_when_it_is_over_or_long_ago() -> None:
    clock = Clock()
    troubles = Troubles(lambda _: None, clock)
    troubles.note("a", "one")
    troubles.note("b", "two")
    troubles.over("a")
    assert dict(troubles.all()) == {"b": "two"}
    clock.now = REMEMBERED_SECONDS + 1
    assert not troubles.all()


def test_keys_without_number_fill_no_memory() -> None:
    troubles = Troubles(lambda _: None, Clock())
    for number in range(10_000):
        troubles.note(f"{number:016x}", "late")
    assert len(troubles.all()) == MOST

"""The tables on a terminal."""

import pytest
from localswarm.cli.quality.summary import every
from localswarm.cli.quality.words import in_words, verdict

from .answers import ROWS, row


def test_the_tables() -> None:
    lines = [line.split() for line in in_words(every(ROWS, ["sums", "calls"])).splitlines()]
    sums = [" ".join(line[1:]) for line in lines if line[:1] == ["sums"]]
    assert sums[0] == "4 25% (5 to 70) 50% (15 to 85) 50% (15 to 85) 75% (30 to 95)"
    assert sums[1].startswith("+25.0 (") and "1.00 50%" in sums[1]
    assert sums[2:] == ["5.00 2.00 2.50 1.50 -", "1.00 1.00"]
    calls = [" ".join(line[1:]) for line in lines if line[:1] == ["calls"]]
    assert calls[2:] == ["5.00 2.00 2.50 1.50 1", "- -"]
    assert ["90%", "to", "100%", "1", "100%"] in lines and ["0%", "to", "30%", "0"] not in [one[:4] for one in lines]


@pytest.mark.parametrize(
    ("one", "vote", "told"),
    [(False, True, "it pays here"), (True, False, "it does harm here"), (True, True, "do not tell")],
)
def test_what_it_means(one: bool, vote: bool, told: str) -> None:
    (found,) = every([row("sums", at, one, vote) for at in range(30)], ["sums"])
    assert told in verdict(found).splitlines()[0]

import pytest
from localswarm.swarm.consensus.support import Support, support
from localswarm.swarm.consensus.words import heard

from .acting import odds

WEATHER = {"weather": {"properties": {"city": {"type": "string"}}, "required": ["city"]}}


@pytest.mark.parametrize(
    ("asked", "city", "acts"),
    [
        ("What is the weather like in Rome?", "Rome", True),
        ("Who painted the ceiling of the Sistine Chapel?", "Rome", False),
        ("Hello!", "Paris", False),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_call_is_wanted_or_not(asked: str, city: str, acts: bool, known: bool) -> None:
    found = support([("weather", {"city": city})], WEATHER, heard(asked))
    gain = (0.0 if acts else -3.0) if known else None
    assert (odds(found, gain) > 0) is acts


def test_what_speaks_for_a_call_and_what_against_it() -> None:
    plain = odds(Support(made_up=1, named=0.5), -1.0)
    assert odds(Support(made_up=1, named=0.5), 1.0) > plain
    assert odds(Support(made_up=0, named=0.5), -1.0) > plain
    assert odds(Support(made_up=2, named=0.5), -1.0) < plain
    assert odds(Support(made_up=1, named=1.0), -1.0) > plain

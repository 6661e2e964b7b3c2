"""The list of models as Anthropic's libraries read it."""

from anthropic.types import ModelInfo
from localswarm.api.anthropic.models import models_to_wire
from localswarm.swarm.member import Served


def test_the_list() -> None:
    wire = models_to_wire(
        [Served("swarm", 4096, 8192, 4, 1_700_000_000), Served("small", 4096, 8192, 4, 1_700_000_000)]
    )
    first = ModelInfo.model_validate(wire["data"][0])
    assert (first.id, first.max_input_tokens, first.created_at.year) == ("swarm", 4096, 2023)
    assert (wire["first_id"], wire["last_id"], wire["has_more"]) == ("swarm", "small", False)


def test_nothing_is_an_empty_list() -> None:
    assert models_to_wire([]) == {"data": [], "has_more": False, "first_id": None, "last_id": None}

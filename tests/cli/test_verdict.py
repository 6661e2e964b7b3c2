"""How an answer was chosen, in one line."""

from typing import Any

import pytest
from localswarm.api.chosen.report import report
from localswarm.cli.verdict import in_words

from ..api.choosing import SINGLE, VERDICT


@pytest.mark.parametrize(
    ("swarm", "line"),
    [
        ({}, ""),
        ({"warnings": ["Careful."]}, "Careful."),
        (report("id", SINGLE), "answered by otter (small)"),
        (
            report("id", VERDICT),
            "chosen by vote: a short answer by otter (small), 3 of 4 valid, 81% agree, decided early; One was slow.",
        ),
    ],
)
def test_in_words(swarm: dict[str, Any], line: str) -> None:
    assert in_words(swarm) == line

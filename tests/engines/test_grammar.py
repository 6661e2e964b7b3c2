"""Grammars: what is said where one cannot be followed."""

import logging

import pytest
from llguidance import LLTokenizer
from localswarm.engines.grammar import Grammars
from localswarm.errors import EngineFault

# No value of it ever ends; schemas are cleaned of this before they come here.
ENDLESS = 'start: %json {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}'


def test_what_llguidance_says_of_its_state_is_for_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    constraint = Grammars(lambda: LLTokenizer("byte")).compile(ENDLESS)
    with caplog.at_level(logging.WARNING), pytest.raises(EngineFault) as caught:
        constraint.allowed()
    assert caught.value.message == "The grammar of this answer could not be followed any further."
    assert "<state>" in caplog.text

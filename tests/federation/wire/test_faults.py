"""Errors arrive as what they were."""

import pytest
from localswarm import errors
from localswarm.errors import ContextOverflow, EngineDied, NoQuorum, SwarmError, Unavailable
from localswarm.federation.wire.events import error_line, read_line
from localswarm.federation.wire.faults import FAULT, KNOWN, Fault, error_of, fault_of
from localswarm.federation.wire.versions import OtherVersion


class NotYetKnown(EngineDied):
    """As the next version may have."""


@pytest.mark.parametrize(
    "error",
    [
        errors.BadRequest("no", "stop"),
        errors.Overloaded("busy", 7, "m"),
        errors.EngineFault("it refused"),
        errors.ModelNotFound("gone", "model"),
        OtherVersion("update"),
        NoQuorum(3, 1),
        ContextOverflow(9, 8, True, "input"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_on_the_other_side(error: SwarmError) -> None:
    found = read_line(error_line(error))
    assert type(found) is type(error)
    assert vars(found) == vars(error)


def test_one_that_is_not_known_becomes_the_nearest_that_is() -> None:
    found = error_of(fault_of(NotYetKnown("died")))
    assert type(found) is EngineDied and found.message == "died"
    assert type(error_of(Fault(("Later",), "?"))) is errors.EngineFault


def test_only_errors_can_be_named() -> None:
    assert all(issubclass(kind, SwarmError) for kind in KNOWN.values())
    assert type(error_of(FAULT.take({"names": ["object", "SystemExit"], "message": "x"}))) is errors.EngineFault


def test_nobody_is_asked_to_wait_for_less_than_nothing() -> None:
    found = error_of(Fault(("Unavailable",), "x", retry_after=-5))
    assert isinstance(found, Unavailable) and found.retry_after == 0

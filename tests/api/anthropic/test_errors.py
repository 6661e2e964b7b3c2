"""Each error in Anthropic's words."""

import pytest
from localswarm.api.anthropic.errors import to_wire
from localswarm.errors import (
    BadRequest,
    BodyTooLarge,
    ContextOverflow,
    EngineFault,
    Forbidden,
    ModelLoading,
    ModelNotFound,
    SwarmError,
    Unauthorized,
    WrongMethod,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadRequest("x"), "invalid_request_error"),
        (Unauthorized("x"), "authentication_error"),
        (Forbidden("x"), "permission_error"),
        (ModelNotFound("x"), "not_found_error"),
        (WrongMethod("x"), "invalid_request_error"),
        (BodyTooLarge("x"), "request_too_large"),
        (ModelLoading("x"), "overloaded_error"),
        (EngineFault("x"), "api_error"),
    ],
)
def test_types(error: SwarmError, kind: str) -> None:
    assert to_wire(error) == {"type": "error", "error": {"type": kind, "message": error.message}, "request_id": None}


@pytest.mark.parametrize("error", [ContextOverflow(9000, 4096), ContextOverflow(9000, 4096, at_least=True)])
def test_an_overflow_says_both_numbers_in_the_words_that_clients_read(error: ContextOverflow) -> None:
    assert to_wire(error)["error"]["message"] == "prompt is too long: 9000 tokens > 4095 maximum"

"""Whatever is sent to a route that the page of routes shows, right or wrong: the answer is one that it shows too.

Not that every good body is accepted: some rules join several fields, such as a choice that names one of the tools.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from localswarm.api import failures
from localswarm.api.app import SHAPES, create_app
from localswarm.api.guard import Access
from localswarm.chat import ChatRequest
from localswarm.errors import SwarmError
from localswarm.swarm.answer import Swarm
from schemathesis import Case, CheckContext, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from ..swarm.scripted import ScriptedMember, Step, calls, says
from .serving import listening
from .test_app import BY_BODY
from .tools.scripted import ScriptedTools

EXAMPLES = 12  # of each kind of data, for each operation
SEED = 17615
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def answered(request: ChatRequest) -> list[Step]:
    if request.tools and request.tool_choice.mode == "required":
        return calls(request.tools[0].name, "{}")
    return says("hello")


def an_error_has_its_apis_shape(_: CheckContext, response: Response, case: Case) -> None:
    if response.status_code >= 400 and case.path != "/health":
        shape = failures.shape_of(case.path, SHAPES)
        assert outline(response.json()) == outline(shape(SwarmError("Some message")))


def outline(wire: Any) -> Any:
    """The names in it, without the values."""
    return {name: outline(value) for name, value in wire.items()} if isinstance(wire, dict) else None


CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    an_error_has_its_apis_shape,
]
PAGE = schemathesis.openapi.from_dict(create_app(Swarm([ScriptedMember()]), Access(), "test").openapi())
FOUND = list(PAGE.get_all_operations())
OPERATIONS: list[APIOperation] = [found.ok() for found in FOUND if isinstance(found, Ok)]
# Any text is a good one for what stands in a path, and what a route does not ask for is ignored.
WRONGED = [operation for operation in OPERATIONS if operation.body or operation.query]


@pytest.fixture(scope="module")
def node() -> Iterator[httpx.Client]:
    app = create_app(Swarm([ScriptedMember(answered)]), Access(), "test", tools=ScriptedTools())
    with listening(app) as base, httpx.Client(base_url=base) as client:
        yield client


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_what_the_page_allows(node: httpx.Client, operation: APIOperation) -> None:
    try_out(node, operation, GenerationMode.POSITIVE)


@pytest.mark.parametrize("operation", WRONGED, ids=lambda operation: operation.label)
def test_what_the_page_does_not_allow(node: httpx.Client, operation: APIOperation) -> None:
    try_out(node, operation, GenerationMode.NEGATIVE)


def test_the_whole_page_is_understood() -> None:
    assert len(OPERATIONS) == len(FOUND)


def test_each_route_with_a_body_has_a_good_request(node: httpx.Client) -> None:
    with_body = {operation.path for operation in OPERATIONS if operation.body}
    assert with_body == set(BY_BODY) | {"/v1/responses/input_tokens", "/v1/tools/execute"}


def try_out(node: httpx.Client, operation: APIOperation, mode: GenerationMode) -> None:
    @seed(SEED)
    @SETTINGS
    @given(operation.as_strategy(mode))
    def run(case: Case) -> None:
        if mode.is_positive and isinstance(case.body, dict) and "model" in case.body:
            case.body["model"] = "swarm"
        case.validate_response(case.call(base_url=str(node.base_url)), checks=CHECKS)

    run()
    if operation.path in BY_BODY:
        good = node.post(operation.path, json=BY_BODY[operation.path] | {"model": "swarm"})
        assert good.status_code == 200, good.text

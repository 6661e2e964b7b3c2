"""The addresses that a node tells of itself."""

import pytest
from localswarm.api.guard import Access
from localswarm.node.doors import Doors
from localswarm.node.listen import listen


@pytest.mark.parametrize(
    ("host", "shown"), [("localhost", "localhost"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::]")]
)
def test_an_address_that_clients_can_use_as_it_is(host: str, shown: str) -> None:
    doors = Doors(host, listen("127.0.0.1", 0), Access())
    try:
        assert doors.port > 0
        assert doors.url == f"http://{shown}:{doors.port}" and doors.api == f"{doors.url}/v1"
    finally:
        doors.sockets[0].close()

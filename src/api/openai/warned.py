"""What could not be done exactly as it was asked, told in a field of our own."""

from typing import Any

from ...chat import Accepted, Event, Finished


class Warned:
    """Hears the warnings of an answer that is sent as a whole."""

    def __init__(self) -> None:
        self.warnings: tuple[str, ...] = ()

    def hear(self, event: Event) -> None:
        if isinstance(event, Accepted | Finished):
            self.warnings += event.warnings


def to_wire(*warnings: tuple[str, ...]) -> dict[str, Any]:
    """Absent where there is nothing to say. Each is said once."""
    said = list(dict.fromkeys(one for some in warnings for one in some))
    return {"swarm": {"warnings": said}} if said else {}

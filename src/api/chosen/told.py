"""What a client is told of its answer in fields and headers of our own: how it was chosen, and what to beware of."""

from typing import Any

from ...chat import Accepted, Chosen, Event, Finished, Step, Verdict
from .report import FIELD, headers, report, request_header, steps


class Told:
    """Hears the events of one answer. `warnings`: those of before it was asked for."""

    def __init__(self, request_id: str, warnings: tuple[str, ...] = ()) -> None:
        self._id = request_id
        self._warnings = warnings
        self._verdict: Verdict | None = None
        self._steps: list[Step] = []
        self._last: dict[str, Any] = {}

    def hear(self, event: Event) -> None:
        match event:
            case Accepted() | Finished():
                self._warnings += event.warnings
            case Step():
                self._steps.append(event)
            case Chosen(verdict):
                self._verdict = verdict

    @property
    def wire(self) -> dict[str, Any]:
        """Absent where there is nothing to say. Each warning is said once."""
        if self._verdict:
            return {FIELD: report(self._id, self._verdict, self._warnings) | steps(self._steps)}
        return {FIELD: {"warnings": list(dict.fromkeys(self._warnings))}} if self._warnings else {}

    def news(self) -> dict[str, Any]:
        """The same for a stream: only where something came to it since it was asked for last."""
        last, self._last = self._last, self.wire
        return {} if self._last == last else self._last

    def headers(self) -> dict[str, str]:
        return request_header(self._id) | (headers(self._verdict) if self._verdict else {})

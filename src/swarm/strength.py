"""How good the answers of a model are, from 0 to 1: what it is known for, then what it did. Pure.

What is known beforehand comes from the catalogue, or from its size. The self-test and the calls that failed move that
up or down within bounds: short questions tell a bad copy or a wrong template from a good one, not a good model from a
better one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..chat import ChatRequest, Message
from .member import Details, Served
from .outcomes import Outcomes

# The size whose answers are half as good as can be; the catalogue's ranks agree with the curve.
HALF = 8e9
# What a healthy model gets in the self-test, and how much of the strength hangs on it.
USUAL_TEST, TEST_PART = 0.75, 0.5
# Of the calls that a usable model makes so many fail, and this counts like so many calls of which nothing is known.
USUAL_FAILED, PRIOR_CALLS = 0.1, 20.0
# A model that is used on counts by what it did lately: seconds, and calls.
HALF_LIFE = 14 * 86400.0
MOST_CALLS = 200.0


@dataclass(frozen=True, slots=True)
class Record:
    """What a model did. `good` and `bad` are calls of tools, as of the time `at`; the older count less."""

    right: int = 0
    asked: int = 0
    good: float = 0.0
    bad: float = 0.0
    at: float = 0.0

    def with_call(self, failed: bool, now: float) -> "Record":
        faded: float = 0.5 ** (max(0.0, now - self.at) / HALF_LIFE)
        faded = min(faded, MOST_CALLS / max(self.good + self.bad, MOST_CALLS))
        return replace(self, good=self.good * faded + (not failed), bad=self.bad * faded + failed, at=now)


class Strengths:
    """By the id that a model is served under."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._outcomes = Outcomes()

    def of(self, served: Served) -> float:
        return strength(served.details, self._records.get(served.id.lower(), Record()))

    def record(self, model: str) -> Record:
        return self._records.get(model.lower(), Record())

    def know(self, model: str, record: Record) -> None:
        self._records[model.lower()] = record

    def wrote(self, model: str, message: Message) -> None:
        """Its calls, whose results come with a later request."""
        self._outcomes.wrote(model.lower(), message)

    def heard(self, request: ChatRequest, now: float) -> None:
        for model, failed in self._outcomes.of(request):
            self.know(model, self.record(model).with_call(failed, now))


def strength(details: Details, record: Record) -> float:
    known = details.strength or from_size(details.parameters)
    return min(1.0, known * _by_test(record) * _by_calls(record))


def from_size(parameters: int) -> float:
    part: float = (parameters / HALF) ** 0.5
    return part / (1 + part)


def from_catalogue(rank: int, tools: str) -> float:
    """`rank`: of 100. Who calls tools badly is worth less to agents than the rank says."""
    return rank / 100 * TOOLS.get(tools, 1.0)


TOOLS: Mapping[str, float] = {"good": 1.0, "fair": 0.95, "weak": 0.85, "none": 0.75}


def _by_test(record: Record) -> float:
    if not record.asked:
        return 1.0
    share = record.right / record.asked
    return (1 - TEST_PART + TEST_PART * share) / (1 - TEST_PART + TEST_PART * USUAL_TEST)


def _by_calls(record: Record) -> float:
    calls = record.good + record.bad
    failed = (record.bad + USUAL_FAILED * PRIOR_CALLS) / (calls + PRIOR_CALLS)
    return (1 - failed) / (1 - USUAL_FAILED)

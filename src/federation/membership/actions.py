"""What the driver is to do. Each is answered by `heard` or `missed`, a `ProbeThrough` by `through`."""

from dataclasses import dataclass

from ..nodes import Endpoint


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask a member. No answer `within` so many seconds: it is missed."""

    id: str
    within: float


@dataclass(frozen=True, slots=True)
class ProbeThrough:
    """Ask others whether they reach it."""

    id: str
    helpers: tuple[str, ...]
    within: float


@dataclass(frozen=True, slots=True)
class Knock:
    """Try one that is no member now."""

    id: str
    endpoints: tuple[Endpoint, ...]
    within: float


Action = Probe | ProbeThrough | Knock

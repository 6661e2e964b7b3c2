"""The other nodes of the swarm that can be asked now, and their members."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from ..errors import SwarmError
from ..swarm.member import Member
from ..swarm.routing import named
from .link import Link
from .membership.allowance import Allowance
from .nodes import About, Endpoint, Report, Standing
from .peer import PeerNode
from .race import Trust
from .wire.messages import Probed

# A report takes a while to read. One that says with each probe that it has another one is not believed so often.
REPORTS_A_SECOND = 0.2
REPORTS_AT_ONCE = 10


class Crowd:
    """By id; a node is in it from its first report until it is gone."""

    def __init__(
        self,
        trust: Trust,
        lost: Callable[[str, bool], None],
        came: Callable[[Report], None],
        went: Callable[[Report, bool], None],
        own: Callable[[], Iterable[Member]] = tuple,
    ) -> None:
        """`lost`: one failed whoever asked it for an answer; the second says whether it was refused at once. `came`,
        `went`: whoever wants to know; the second says whether it took its leave. `own`: members of this node."""
        self._trust = trust
        self._lost = lost
        self._came = came
        self._went = went
        self._own = own
        self._links: dict[str, Link] = {}
        self._nodes: dict[str, PeerNode] = {}
        self._abouts: dict[str, About] = {}  # of those that are gone too
        self._asking: set[str] = set()
        self._reports: dict[str, Allowance] = {}
        self._using: Counter[str] = Counter()

    def members(self) -> Sequence[Member]:
        return [member for node in self._nodes.values() for member in node.members()]

    def link(self, id: str) -> Link:
        if id not in self._links:
            self._links[id] = Link(id, self._trust)
        return self._links[id]

    @contextmanager
    def using(self, id: str, endpoints: tuple[Endpoint, ...]) -> Iterator[Link]:
        """The way to a node that may be no member yet; it is not closed meanwhile."""
        link = self.link(id)
        if endpoints:
            link.told(endpoints)
        self._using[id] += 1
        try:
            yield link
        finally:
            self._using[id] -= 1
            self._using += Counter()

    def about(self, id: str) -> About | None:
        """What it told of itself last."""
        return self._abouts.get(id)

    def node(self, id: str) -> PeerNode | None:
        return self._nodes.get(id)

    async def heard(self, id: str, told: Probed) -> None:
        """A node answered a probe; the whole report is asked for where it has changed."""
        node = self._nodes.get(id)
        if node:
            node.hear(told.loads)
        if node and node.report and _is_known(node.report, told):
            return
        if id not in self._asking and self._may_ask(id):
            self._asking.add(id)
            try:
                self._take(id, await self.link(id).report())
            except SwarmError:
                return  # the next probe leads here again
            finally:
                self._asking.discard(id)

    def follow(self, standings: Collection[Standing]) -> list[Link]:
        """What the membership believes by now. The links of those that are out of it, to be closed."""
        known = {standing.id: standing for standing in standings}
        for id, node in list(self._nodes.items()):
            standing = known.get(id)
            if standing is None or standing.condition == "gone":
                del self._nodes[id]
                node.away(self._away(id))
                assert node.report, "it is here since its first report"
                self._went(node.report, standing is not None and standing.left)
            elif standing.condition == "suspect":
                node.away(self._away(id))
            else:
                node.back()
        for id in self._abouts.keys() - known.keys():
            del self._abouts[id]
        for id in self._reports.keys() - known.keys():
            del self._reports[id]
        return [self._links.pop(id) for id in list(self._links) if id not in known and id not in self._using]

    def _away(self, id: str) -> str:
        return f"The node {self.name(id)} does not answer just now."

    def _elsewhere(self, id: str, model: str) -> bool:
        """Somebody else can be asked for it."""
        others = (member for other, node in self._nodes.items() if other != id for member in node.members())
        try:
            return bool(named([*self._own(), *others], model))
        except SwarmError:
            return False

    def _may_ask(self, id: str) -> bool:
        allowance = self._reports.setdefault(id, Allowance(REPORTS_A_SECOND, REPORTS_AT_ONCE))
        return allowance.take(time.monotonic())

    def name(self, id: str) -> str:
        about = self._abouts.get(id)
        return f"{about.name} ({id})" if about and about.name else id

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()

    def _take(self, id: str, report: Report) -> None:
        node = self._nodes.get(id)
        if is_new := node is None:
            node = self._nodes[id] = PeerNode(self.link(id), partial(self._lost, id), partial(self._elsewhere, id))
        node.take(report)
        self._abouts[id] = report.about
        if is_new:
            self._came(report)


def _is_known(report: Report, told: Probed) -> bool:
    return (report.revision, report.about.instance) == (told.revision, told.instance)

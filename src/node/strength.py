"""What this node's model is worth: known from before, found out while nobody asks anything, and kept."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import anyio
import anyio.to_thread

from ..chat import Event
from ..errors import StartError, SwarmError, Unavailable
from ..models.catalogue.catalogue import Catalogue
from ..models.choose import Choice
from ..settings import Settings
from ..state import State
from ..state.fits import file_key
from ..state.strengths import Calls, Score
from ..swarm.member import Member
from ..swarm.routing import Router
from ..swarm.selftest import SelfTest, read
from ..swarm.strength import Record, from_catalogue
from .config import config_folder
from .memory import engine_version

LOG = logging.getLogger(__name__)
QUESTIONS = "selftest.toml"
LOOK_SECONDS = 15.0
# So long nobody has asked anything: a user who reads an answer is not gone yet.
QUIET_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Notebook:
    """Where it is kept. `key`: of the model's file; `test`: the version of the questions."""

    state: State
    key: str
    engine: str
    test: str

    def find(self) -> Record:
        score = self.state.strengths.find_test(self.key, self.engine, self.test) or Score(0, 0)
        calls = self.state.strengths.find_calls(self.key) or Calls(0.0, 0.0, 0.0)
        return Record(score.right, score.asked, calls.good, calls.bad, calls.at)

    def keep(self, record: Record) -> None:
        if record.asked:
            self.state.strengths.remember_test(self.key, self.engine, self.test, Score(record.right, record.asked))
        if record.at:
            self.state.strengths.remember_calls(self.key, Calls(record.good, record.bad, record.at))


class Strength:
    """`name`: under which the member's model is served. `asks`: whether the questions are asked at all."""

    def __init__(
        self,
        notebook: Notebook,
        test: SelfTest,
        name: str,
        member: Member,
        router: Router,
        asks: bool = True,
        look: float = LOOK_SECONDS,
        quiet: float = QUIET_SECONDS,
    ) -> None:
        self._notebook = notebook
        self._test = test
        self._name = name
        self._member = member
        self._router = router
        self._asks = asks
        self._look = look
        self._quiet = quiet
        self._kept = Record()
        self._found: list[bool] = []  # question after question; somebody may come in between

    async def run(self) -> None:
        await self._safely(self._load)
        while True:
            await anyio.sleep(self._look)
            if self._asks and not self._record.asked and self._idle():
                await self._examine()
            if self._record != self._kept:
                await self._safely(self._keep)

    @property
    def _record(self) -> Record:
        return self._router.strengths.record(self._name)

    async def _load(self) -> None:
        self._kept = await anyio.to_thread.run_sync(self._notebook.find)
        self._router.strengths.know(self._name, self._kept)

    async def _keep(self) -> None:
        record = self._record
        await anyio.to_thread.run_sync(partial(self._notebook.keep, record))
        self._kept = record

    async def _safely(self, act: Callable[[], Awaitable[None]]) -> None:
        """A database that cannot be used is no reason to stop."""
        try:
            await act()
        except StartError as error:
            LOG.warning("%s", error.message)

    def _idle(self) -> bool:
        busy = self._member.busy()
        return self._router.traffic.quiet >= self._quiet and not (busy.running or busy.waiting)

    async def _examine(self) -> None:
        """As far as it comes until somebody asks something."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._leave_when_stirred, group.cancel_scope)
            await self._ask()
            group.cancel_scope.cancel()

    async def _leave_when_stirred(self, scope: anyio.CancelScope) -> None:
        await self._router.traffic.stirred()
        scope.cancel()

    async def _ask(self) -> None:
        for question, request in list(self._test.requests(self._name))[len(self._found) :]:
            try:
                (answer,) = await self._member.generate(request, _nothing)
                self._found.append(question.right(answer.message))
            except Unavailable:
                return
            except SwarmError:
                self._found.append(False)
        right, asked = sum(self._found), len(self._found)
        self._router.strengths.know(self._name, replace(self._record, right=right, asked=asked))
        LOG.info("%s answered %d of the %d questions of its self-test.", self._name, right, asked)


def service(state: State, settings: Settings, choice: Choice, member: Member, router: Router) -> Strength:
    test = read(config_folder().joinpath(QUESTIONS).read_text(encoding="utf-8"))
    path = choice.path.resolve()
    status = path.stat()
    key = file_key(path, status.st_size, state.models.sha256(path, status.st_size, status.st_mtime_ns))
    notebook = Notebook(state, key, engine_version(path), test.version)
    return Strength(notebook, test, choice.name, member, router, asks=settings.self_test == "idle")


def grade(catalogue: Catalogue, choice: Choice, settings: Settings) -> float:
    """From 0 to 1; 0 where nobody has graded this model."""
    card = next((card for card in catalogue.cards if card.id == choice.name), None)
    return from_catalogue(card.rank[settings.use], card.tools) if card else 0.0


async def _nothing(_: Event) -> None: ...

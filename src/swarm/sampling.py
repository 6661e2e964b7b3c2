"""Several write the answer to one request: who is asked, when it is decided, and what the client hears of it.

What can be said without waiting stands elsewhere: how many are wanted (steps.py), where (places.py), what differs
(variation.py), who has won (consensus/), what is told (live.py, report.py).
"""

import math
from collections.abc import Callable
from dataclasses import replace

import anyio
from anyio.abc import TaskGroup

from ..chat import Branch, Candidate, ChatRequest, Emit, Verdict
from ..errors import NoQuorum, SwarmError
from . import report, steps
from .asked import Ask, Asked
from .consensus.count import Awaited, Standing, Vote, count
from .consensus.merit import Merits
from .live import Held, give, joined
from .member import Served
from .places import Place, Places
from .routing import Choice, is_same
from .terms import Terms, may_call
from .variation import varied

# Models of less strength add calls that nobody asked for more often than ones that follow from what was asked.
WEAK = 0.3
TALKS = "It talks, where the first one called, and was heard."


class Poll:
    """`run` it, then `give` the client what won."""

    def __init__(
        self,
        request: ChatRequest,
        terms: Terms,
        places: Places,
        ask: Ask,
        strength: Callable[[Served], float],
        emit: Emit,
        patience: Callable[[Choice], float] = lambda choice: math.inf,
        go_on: Ask | None = None,
    ) -> None:
        """`strength`: of a model, from 0 to 1. `patience`: seconds after which a member that has said nothing is not
        counted on any more. `go_on`: asks so that another member goes on where one fails, for what is told at once."""
        self._request = request
        self._patience = patience
        self._terms = terms
        self._places = places
        self._ask_member = ask
        self._ask_leader = go_on or ask
        self._strength = strength
        self._emit = emit
        # Words that come before a call are told while they are written, unless several are asked at once.
        free = may_call(request) and request.tool_choice.mode == "auto"
        self._live = terms.strategy == "auto" and terms.quorum == 1 and free
        self._merits = Merits(request)
        self._asked: list[Asked] = []
        self._failed: SwarmError | None = None  # what ends all of it
        self._early = False
        self._branches: list[Branch] = []  # of the first one's answer, that nobody went on with yet
        self._tell, self._news = anyio.create_memory_object_stream[Asked](float("inf"))

    async def run(self) -> None:
        """Raises where there is no answer to give."""
        with self._tell, self._news:
            async with anyio.create_task_group() as group:
                late = False
                while not late and not self._decided() and self._ask(group):
                    late = not await self._hear()
                self._early = bool(self._writing)
                for asked in self._writing:
                    asked.cancel()
        if error := self._error:
            raise error

    @property
    def answers(self) -> list[tuple[Choice, Candidate]]:
        """The valid ones, and who wrote them."""
        return [(asked.place.choice, asked.candidate) for asked in self._valid if asked.candidate]

    @property
    def acts(self) -> bool:
        """It was settled that tools are called."""
        return self._winner(self._standing(0)).held.acts

    async def give(self) -> tuple[Candidate, Verdict]:
        standing, leader = self._standing(0), self._leader
        winner = self._winner(standing)
        verdict = report.verdict(self._asked, winner, standing, self._terms, self._early)
        assert winner.candidate, "who wins has answered"
        words = leader.candidate if leader and leader.held.told and leader is not winner else None
        behind = words is not None and winner.held.acts
        await give(self._emit, winner.held.events, verdict, winner.left_out, behind_words=behind)
        return joined(words, winner.candidate) if words else winner.candidate, verdict

    def verdict(self) -> Verdict:
        standing = self._standing(0)
        return report.verdict(self._asked, self._winner(standing), standing, self._terms, self._early)

    def undecided(self, error: SwarmError) -> Verdict:
        return report.undecided(self._request, self._asked, self._standing(0), error, self._early)

    @property
    def _valid(self) -> list[Asked]:
        return [asked for asked in self._asked if asked.valid]

    @property
    def _writing(self) -> list[Asked]:
        return [asked for asked in self._asked if not asked.over]

    @property
    def _hopeful(self) -> list[Asked]:
        """Those that write, but for who has been silent for too long: he is waited for, and not counted on."""
        return [asked for asked in self._writing if not asked.silent]

    @property
    def _leader(self) -> Asked | None:
        return next((asked for asked in self._asked if asked.error is None and not asked.silent), None)

    @property
    def _answers(self) -> int:
        return sum(asked.error is None and not asked.silent for asked in self._asked)

    @property
    def _talked(self) -> bool:
        """The first made no call, and all that it said was heard already."""
        leader = self._leader
        return bool(self._live and leader and leader.candidate and not leader.held.acts)

    @property
    def _acted(self) -> bool:
        leader = self._leader
        return bool(leader and leader.valid and leader.held.acts)

    @property
    def _error(self) -> SwarmError | None:
        """Why there is no answer. What is wrong with the request itself goes before everything else."""
        if self._failed or any(asked.candidate for asked in self._asked):
            return self._failed or self._too_few
        errors = [asked.error for asked in self._asked if asked.error]
        return next((error for error in errors if error.status < 500), self._too_few or errors[0])

    @property
    def _too_few(self) -> NoQuorum | None:
        valid = len(self._valid)
        return NoQuorum(self._terms.quorum, valid) if self._terms.firm and valid < self._terms.quorum else None

    def _wanted(self) -> int:
        leader = self._leader
        sure = bool(leader and leader.valid and leader.enough)
        return steps.wanted(self._terms, sure, len(self._valid))

    def _decided(self) -> bool:
        """Nobody who is still to come could change it."""
        if self._failed or self._talked:
            return True
        if self._terms.strategy == "synth" and self._writing:
            return False
        return self._standing(self._wanted() - len(self._valid)).decided

    def _ask(self, group: TaskGroup) -> bool:
        """As many as are wanted, each that failed to be valid once more. False: nobody writes any more."""
        wanted = self._wanted()
        self._places.look()
        while len(self._valid) + len(self._hopeful) < wanted and self._answers < 2 * wanted:
            alone = not self._valid and not self._hopeful
            silent = any(asked.silent for asked in self._writing)
            # For an answer that is only not valid nobody else has to wait.
            must = alone and not any(asked.candidate for asked in self._asked)
            place = self._places.next(must, other=self._follows or silent)
            if place is None:
                break
            held, weak = Held(self._emit, live=self._live and alone), self._strength(place.choice.served) < WEAK
            asked = Asked(place, held, anyio.current_time(), weak)
            request = varied(self._request, len(self._asked) if self._answers else 0, self._branch(place))
            self._asked.append(asked)
            ask = self._ask_leader if held.live else self._ask_member
            group.start_soon(asked.run, ask, request, self._merits, self._tell.send_nowait)
        return bool(self._writing)

    @property
    def _follows(self) -> bool:
        """The first one's member writes others once it has ended: they begin where it nearly went on otherwise."""
        leader = self._leader
        return may_call(self._request) and leader is not None and not leader.over

    def _branch(self, place: Place) -> Branch | None:
        """Log-probabilities that the client wants are known of a whole answer alone."""
        leader = self._leader
        if leader is None or leader.place.choice.member is not place.choice.member or not self._branches:
            return None
        return self._branches.pop(0) if self._request.sampling.logprobs is None else None

    async def _hear(self) -> bool:
        """The next that ends. False: they were waited for long enough. Until one has answered nobody is given up, but
        others are asked for those that say nothing for too long."""
        valid = self._valid
        waiting = [] if valid else [asked for asked in self._hopeful if not asked.held.heard]
        first = min((asked.begun + asked.seconds for asked in valid), default=0.0)
        last = max(asked.begun for asked in self._writing)
        until = steps.deadline(self._terms, first, [asked.seconds for asked in valid], last)
        if until is None:
            until = min((asked.begun + self._patience(asked.place.choice) for asked in waiting), default=math.inf)
        with anyio.CancelScope(deadline=until):
            self._note(await self._news.receive())
            return True
        for asked in waiting:
            asked.silent = not asked.held.heard and anyio.current_time() >= until
        return not valid

    def _note(self, ended: Asked) -> None:
        self._places.leave(ended.place)
        for asked in self._asked:
            # Several may have ended since.
            if self._live and self._acted and asked.form and asked.form.valid and not asked.form.act:
                asked.form = replace(asked.form, valid=False, why=TALKS)
        if ended.error:
            if ended.held.told:
                self._failed = ended.error
            self._places.without(ended.place, ended.error)
        elif ended is self._leader and ended.candidate:
            self._branches = list(ended.candidate.branches)

    def _standing(self, to_come: int) -> Standing:
        """`to_come`: so many will have a vote yet, those that write now among them."""
        votes = [self._vote(asked, asked is self._leader) for asked in self._valid]
        # Of those that were not asked yet it is not known who they will be.
        late = (self._writing + self._asked[:1] * max(0, to_come))[: max(to_come, len(self._writing))]
        return count(votes, [Awaited(*self._voter(asked)) for asked in late], self._terms.quorum)

    def _vote(self, asked: Asked, leads: bool) -> Vote:
        assert asked.form and asked.candidate, "valid ones have ended"
        return Vote(asked.form, *self._voter(asked), asked.candidate.likelihood, leads, asked.merit)

    def _voter(self, asked: Asked) -> tuple[str, str, float]:
        choice = asked.place.choice
        # The same weights under two names are one model, and their votes are as much alike.
        alike = (one.place.choice.served for one in self._asked if is_same(one.place.choice.served, choice.served))
        return choice.member.name, next(alike).id, self._strength(choice.served)

    def _winner(self, standing: Standing) -> Asked:
        return self._best_of_none() if standing.winner is None else self._valid[standing.winner]

    def _best_of_none(self) -> Asked:
        """No answer is valid: the first that there is, as if it had been asked alone."""
        return next(asked for asked in self._asked if asked.candidate)

"""Who answers: by name, the best that is free, this node first; and who instead when that one cannot."""

from collections.abc import Sequence

import pytest
from localswarm.chat import (
    Accepted,
    ChatRequest,
    Embedding,
    Emit,
    Event,
    Image,
    Message,
    Policy,
    Text,
    TextDelta,
)
from localswarm.errors import (
    BadRequest,
    ContextOverflow,
    EngineDied,
    ModelLoading,
    ModelNotFound,
    NotSupported,
    SwarmError,
    Unavailable,
    UpstreamFault,
)
from localswarm.swarm.answer import Swarm
from localswarm.swarm.member import Busy, Details, Served
from localswarm.swarm.routing import WHOLE

from .scripted import ScriptedMember, says


class Named(ScriptedMember):
    def __init__(
        self,
        name: str,
        model: str,
        *,
        size: int = 1,
        context: int = 4096,
        local: bool = True,
        sees: bool = False,
        embeds: bool = True,
        chats: bool = True,
        fails: SwarmError | None = None,
    ) -> None:
        super().__init__([fails] if fails else says(name))
        self.name = name
        self.running = 0
        self.away: Unavailable | None = None
        details = Details(parameters=size, sees=sees, embeds=embeds, chats=chats)
        self._served = Served(model, context, context, 2, 0, (), details, local)

    def served(self) -> Served:
        if self.away:
            raise self.away
        return self._served

    def busy(self) -> Busy:
        return Busy(0, self.running, 0, 0, 0)

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        self.asked.append(ChatRequest("e", self.name, ()))
        return [Embedding((1.0,), 1) for _ in texts]


class Comes:
    """Members that come and go."""

    def __init__(self, *members: ScriptedMember) -> None:
        self.now = list(members)

    def members(self) -> list[ScriptedMember]:
        return self.now


async def nothing(_: Event) -> None: ...


def request(model: str = "swarm", session: str = "", **more: object) -> ChatRequest:
    return ChatRequest("r", model, (Message("user", (Text("Hi"),)),), session=session, **more)  # type: ignore[arg-type]


async def who(swarm: Swarm, asked: ChatRequest | None = None, emit: Emit = nothing) -> str:
    (candidate,) = await swarm.answer(asked or request(), emit)
    return candidate.message.text


async def test_by_name_and_the_best_that_is_free() -> None:
    small, big = Named("small", "a:1b", size=1), Named("big", "B", size=9, local=False)
    swarm = Swarm([small], [Comes(big)])
    assert [await who(swarm, request(name)) for name in ("A:1B", "b:latest", "swarm", "Swarm:latest")] == [
        "small", "big", "big", "big"]  # fmt: skip
    big.running = 2
    assert await who(swarm) == "small"
    small.running = 2
    assert await who(swarm) == "big"
    with pytest.raises(ModelNotFound, match=r"'c' is not served here\. Served: 'swarm', .*'a:1b', 'B'"):
        await who(swarm, request("c"))


async def test_of_equals_this_node_comes_first() -> None:
    away, here = Named("away", "m", local=False), Named("here", "m")
    assert await who(Swarm([], [Comes(away, here)])) == "here"
    assert [one.id for one in Swarm([away, here]).models()] == [*WHOLE, "m"]


async def test_a_conversation_stays_where_it_was_read() -> None:
    one, other = Named("one", "m"), Named("other", "m")
    swarm = Swarm([one, other])
    one.running = 2
    assert await who(swarm, request(session="s")) == "other"
    one.running = 0
    assert await who(swarm, request(session="s")) == "other"
    assert await who(swarm, request(session="t")) == "one"
    other.running = 2
    assert await who(swarm, request(session="s")) == "one"


async def test_pictures_go_to_one_that_sees_and_chats_to_one_that_talks() -> None:
    blind = Named("blind", "a", size=9)
    sees = Named("sees", "b", sees=True)
    vectors = Named("vectors", "embed", size=99, chats=False, context=9999)
    swarm = Swarm([blind, sees, vectors])
    seen = ChatRequest("r", "swarm", (Message("user", (Image("data:image/png;base64,"),)),))
    assert await who(swarm, seen) == "sees" and await who(swarm) == "blind"
    whole = swarm.models()[0]
    assert whole.details.sees and whole.context == 4096


async def test_embeddings_go_to_one_that_makes_them() -> None:
    talks, vectors = Named("talks", "a", embeds=False), Named("vectors", "b", local=False)
    swarm = Swarm([talks], [Comes(vectors)])
    await swarm.embed("swarm", ["x"])
    assert vectors.asked and not talks.asked
    with pytest.raises(ModelNotFound):
        await swarm.embed("b", ["x"], local_only=True)


@pytest.mark.parametrize(
    ("error", "helped"),
    [
        (EngineDied("it died"), True),
        (UpstreamFault("it is odd"), True),
        (NotSupported("no tools"), True),
        (Unavailable("away"), True),
        (ModelNotFound("gone"), True),
        (BadRequest("the field is wrong"), False),
    ],
)
async def test_before_its_first_word_another_answers(error: SwarmError, helped: bool) -> None:
    swarm = Swarm([Named("fails", "m", size=9, fails=error), Named("helps", "m")])
    if helped:
        assert await who(swarm) == "helps"
    else:
        with pytest.raises(type(error), match=error.message):
            await who(swarm)


async def test_too_long_for_one_goes_where_there_is_more_room() -> None:
    overflow = ContextOverflow(9000, 4096)
    small, other = Named("small", "a", size=9, fails=overflow), Named("other", "b", context=4096)
    with pytest.raises(ContextOverflow):
        await who(Swarm([small, other]))
    assert not other.asked
    assert await who(Swarm([small, other, Named("roomy", "c", context=16384)])) == "roomy"


async def test_after_its_first_word_nobody_else_answers() -> None:
    begins = Named("begins", "m", size=9)
    begins.script = lambda _: [Accepted(1), TextDelta("Hel"), EngineDied("it died")]
    helps = Named("helps", "m")
    with pytest.raises(EngineDied):
        await who(Swarm([begins, helps]))
    assert not helps.asked


async def test_a_client_is_told_once_that_it_was_accepted() -> None:
    hesitates = Named("hesitates", "m", size=9)
    hesitates.script = lambda _: [Accepted(1), EngineDied("it died")]
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)

    assert await who(Swarm([hesitates, Named("helps", "m")]), emit=emit) == "helps"
    assert sum(isinstance(one, Accepted) for one in events) == 1


async def test_all_fail_and_all_are_away() -> None:
    one, other = Named("one", "m", size=9, fails=EngineDied("first")), Named("other", "m", fails=Unavailable("second"))
    with pytest.raises(Unavailable, match="second"):
        await who(Swarm([one, other]))
    one.away = ModelLoading("loading")
    swarm = Swarm([one])
    for ask in (swarm.models, lambda: swarm.find("m")):
        with pytest.raises(ModelLoading):
            ask()
    with pytest.raises(ModelLoading):
        await who(swarm)
    # A name that nobody knows may be that of the one that is away.
    with pytest.raises(ModelLoading):
        await who(Swarm([one, Named("here", "n")]), request("m"))
    assert [served.id for served in Swarm([one, Named("here", "n")]).models()] == [*WHOLE, "n"]


async def test_a_name_that_nobody_has_is_told_while_another_servers_model_is_away() -> None:
    away = Named("there", "b", local=False)
    away.away = Unavailable("busy", 7, "b")
    swarm = Swarm([Named("here", "a")], [Comes(away)])
    with pytest.raises(Unavailable, match="busy"):
        await who(swarm, request("b"))
    for asked in (request("c"), request("b", policy=Policy(1, local_only=True))):
        with pytest.raises(ModelNotFound):
            await who(swarm, asked)


async def test_the_same_model_here_and_there_is_asked_here() -> None:
    here, there = Named("here", "a", size=1_345), Named("there", "a", size=1_350, local=False)
    swarm = Swarm([here], [Comes(there)])
    assert await who(swarm, request("a")) == await who(swarm) == "here"


async def test_asked_by_another_node_only_this_one_answers() -> None:
    here, away = Named("here", "a"), Named("away", "b", size=9, local=False)
    swarm = Swarm([here], [Comes(away)])
    local = Policy(1, local_only=True)
    assert await who(swarm, request(policy=local)) == "here"
    with pytest.raises(ModelNotFound):
        await who(swarm, request("b", policy=local))


async def test_members_come_and_go() -> None:
    source = Comes()
    swarm = Swarm([Named("here", "a")], [source])
    with pytest.raises(ModelNotFound):
        swarm.find("b")
    source.now.append(Named("away", "b"))
    assert swarm.find("b").id == "b" and await who(swarm, request("b")) == "away"

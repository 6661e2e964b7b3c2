"""Every message crosses the wire and comes out the same; nothing else comes out of anything that is sent."""

import dataclasses
import json
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from localswarm.chat import (
    Branch,
    ChatRequest,
    Event,
    Image,
    Message,
    Outcome,
    Policy,
    Sampling,
    Text,
    TextDelta,
    TextForm,
    Thinking,
    ToolCall,
    ToolResult,
    ToolSpec,
)
from localswarm.errors import BadRequest
from localswarm.federation.nodes import About, Endpoint, Load, Offer, Report, Rumour
from localswarm.federation.wire import messages
from localswarm.federation.wire.codec import Codec
from localswarm.federation.wire.events import EVENT, event_line, read_line
from localswarm.swarm.member import Busy, Served

CODECS = [found for found in vars(messages).values() if isinstance(found, Codec)]
PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=20,
)
REQUEST = ChatRequest(
    "r",
    "swarm",
    (
        Message("system", (Text("be é short"),)),
        Message("user", (Text("see"), Image("data:image/png;base64,AA=="))),
        Message("assistant", (Thinking("hm"), ToolCall("c", "read", '{"a": 1}'))),
        Message("tool", (ToolResult("c", "no", "read", failed=True),)),
    ),
    (ToolSpec("read", schema={"type": "object", "deep": [{"a": None}, 1.5]}, form=TextForm("lark", "start: /a/")),),
    sampling=Sampling(logit_bias=((3, float("-inf")),), stop=("x",), seed=2**63),
    policy=Policy(patience=float("inf")),
    begun=Branch((1, 2), (-0.5, float("-inf"))),
)
REPORT = Report(
    About("a", "i", "desk", "1", "h", 1.0, (Endpoint("::1", 2),), ("read", "mcp_x-1")),
    3,
    (Offer("m", Served("m", 1, 2, 3, 4)),),
    (Load("m", Busy(1, 2, 3, 4, 5), "loading"),),
)
SEEN = [
    (messages.ASK, messages.Ask("m", REQUEST)),
    (messages.ASK, messages.Ask("m", dataclasses.replace(REQUEST, messages=(), raw=(1, 2)))),
    (messages.ASK, messages.Ask("m", dataclasses.replace(REQUEST, messages=(), raw="text"))),
    (messages.REPORT, REPORT),
    (messages.EXECUTE, messages.Execute(ToolCall("c", "read", '{"a": 1}'), "me", "s")),
    (messages.REPLY, messages.Toolset((ToolSpec("read", "Reads.", {"type": "object"}),))),
    (
        messages.REPLY,
        messages.Executed(Outcome("c", "read", "unknown", "é", (Image("data:image/png;base64,AA=="),), 1.5)),
    ),
    (messages.PROBE, messages.Probe((Rumour("b", "gone", 1, (Endpoint("fe80::1%eth0", 1),), left=True),))),
]


SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: PLAIN,
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    bytes: st.binary(max_size=9),
    NoneType: st.none(),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type, by the types of its fields."""
    inner = get_args(kind)
    if kind in SCALARS:
        return SCALARS[kind]
    if get_origin(kind) is Literal:
        return st.sampled_from(inner)
    if get_origin(kind) is dict:
        return st.dictionaries(PLAIN, PLAIN, max_size=2)
    if get_origin(kind) is tuple and inner[1:] == (...,):
        return st.lists(any_of(inner[0]), max_size=2).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*map(any_of, inner))
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(*map(any_of, inner))
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: any_of(hints[field.name]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize(("codec", "value"), SEEN, ids=lambda one: type(one).__name__)
def test_what_is_written_is_read(codec: Codec[Any], value: Any) -> None:
    assert codec.load(codec.dump(value)) == value


@settings(max_examples=50, deadline=None)
@given(st.lists(any_of(Event), max_size=3))
def test_every_event_is_carried(events: list[Event]) -> None:
    assert read_line(event_line(events)) == tuple(events)


def test_the_text_of_a_token_is_all_that_is_sent_of_it() -> None:
    assert event_line([TextDelta("he"), TextDelta("y\n")]) == b'["he","y\\n"]\n'


@pytest.mark.parametrize("codec", [*CODECS, EVENT], ids=lambda codec: codec._what)
@settings(max_examples=60, deadline=None)
@given(JSON)
def test_anything_else_is_refused_by_name(codec: Codec[Any], data: Any) -> None:
    _is_read_or_refused(codec, json.dumps(data).encode())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEN), st.data())
def test_a_message_with_one_wrong_value_is_refused_by_name(seen: tuple[Codec[Any], Any], data: st.DataObject) -> None:
    codec, value = seen
    sent = codec.put(value)
    _spoil(sent, data)
    _is_read_or_refused(codec, json.dumps(sent).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_rubbish_is_refused_by_name(data: bytes) -> None:
    _is_read_or_refused(messages.PROBED, data)
    try:
        read_line(data)
    except BadRequest as error:
        assert error.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"request": None}, "'request'"),
        ({"member": 3}, "'member': a text is expected"),
        ({"member": "half \ud800"}, "half a character"),
        ({"request.sampling.temperature": "hot"}, "'request.sampling.temperature': a number is expected"),
        ({"request.sampling.temperature": float("nan")}, "no JSON"),
        ({"request.sampling.top_k": 1.5}, "'request.sampling.top_k'"),
        ({"request.sampling.seed": 10**30}, "'request.sampling.seed'"),
        ({"request.continue_last": 1}, "true or false"),
        ({"request.policy.strategy": "guess"}, "'request.policy.strategy': one of auto"),
        ({"request.messages.0.role": "root"}, "'request.messages.0.role'"),
        ({"request.messages.0.parts.0.t": "ChatRequest"}, "'t' must be one of Text, Image"),
        ({"request.sampling.logit_bias": [[1]]}, "2 values are expected"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], told: str) -> None:
    sent = messages.ASK.put(messages.Ask("m", REQUEST))
    for path, value in change.items():
        *outer, last = path.split(".")
        place = sent
        for name in outer:
            place = place[int(name)] if isinstance(place, list) else place[name]
        place[last] = value
    with pytest.raises(BadRequest) as refused:
        messages.ASK.load(json.dumps(sent).encode())
    assert told in refused.value.message and refused.value.message.startswith("The request is")


def test_the_next_version_may_add_fields_and_leave_out_those_with_defaults() -> None:
    sent = {"member": "m", "later": [], "request": {"id": "r", "model": "x", "messages": [], "newer": {"a": 1}}}
    assert messages.ASK.take(sent) == messages.Ask("m", ChatRequest("r", "x", ()))


@pytest.mark.parametrize("levels", [200, 100_000])
def test_what_is_nested_too_deeply_is_refused(levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    tools = f'[{{"name":"t","schema":{deep}}}]'
    data = f'{{"member":"m","request":{{"id":"r","model":"m","messages":[],"tools":{tools}}}}}'
    with pytest.raises(BadRequest, match="nested too deeply"):
        messages.ASK.load(data.encode())


def test_types_that_were_not_meant_to_be_sent_are_not() -> None:
    with pytest.raises(TypeError, match="cannot cross"):
        Codec(object, "A thing")


def test_whoever_is_asked_asks_nobody_else() -> None:
    assert messages.Ask("m", REQUEST).bound().request.policy.local_only


def _is_read_or_refused(codec: Codec[Any], data: bytes) -> None:
    try:
        value = codec.load(data)
    except BadRequest as error:
        assert error.message
    else:
        assert codec.load(codec.dump(value)) == value


def _spoil(sent: Any, data: st.DataObject) -> None:
    """One value of it, however deep."""
    keys = list(sent) if isinstance(sent, dict) else list(range(len(sent)))
    if not keys:
        return
    key = data.draw(st.sampled_from(keys))
    if isinstance(sent[key], dict | list) and sent[key] and data.draw(st.booleans()):
        _spoil(sent[key], data)
    else:
        sent[key] = data.draw(JSON)

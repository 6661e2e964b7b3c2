"""Completions of plain texts: several prompts are several requests, and their choices keep their order."""

import json
from typing import Any

import anyio
import pytest
from localswarm.api.openai.completion_stream import CompletionStream
from localswarm.api.openai.completions import Call, from_wire, whole_to_wire
from localswarm.api.openai.together import run
from localswarm.chat import (
    Accepted,
    Alternative,
    Candidate,
    Emit,
    Event,
    Finished,
    Message,
    Policy,
    Text,
    TextDelta,
    TokenLogprob,
    Usage,
)
from localswarm.errors import BadRequest, NotSupported, Overloaded
from openai.types import Completion

ENTRY = TokenLogprob(b"ab", -0.5, (Alternative(b"ab", -0.5), Alternative(b"c", float("-inf"))))


def read(**fields: Any) -> Call:
    return from_wire({"prompt": "once"} | fields, "cmpl-1", "affinity")


@pytest.mark.parametrize(
    ("prompt", "raw"),
    [
        ("once", ["once"]),
        ("", [""]),
        (["a", "b"], ["a", "b"]),
        ([1, 2, 3], [(1, 2, 3)]),
        ([[1, 2], [3]], [(1, 2), (3,)]),
        (["a", [1]], ["a", (1,)]),
    ],
)
def test_each_form_of_a_prompt(prompt: Any, raw: list[Any]) -> None:
    requests = read(prompt=prompt).requests
    assert [one.raw for one in requests] == raw
    assert len({one.id for one in requests}) == len(raw)
    assert all(one.messages == () and one.session == "affinity" for one in requests)


def test_everything_that_is_honoured() -> None:
    call = read(n=2, best_of=2, max_tokens=9, logprobs=3, stop=["x"], temperature=0, stream=True, seed=4, model="m",
                suffix="", stream_options={"include_usage": True})  # fmt: skip
    assert (call.each, call.stream, call.include_usage, call.echo) == (2, True, True, False)
    (request,) = call.requests
    assert (request.model, request.policy) == ("m", Policy(2))
    sampling = request.sampling
    assert (sampling.max_tokens, sampling.logprobs, sampling.stop, sampling.seed) == (9, 3, ("x",), 4)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": {}}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [[]]}, "prompt[0]"),
        ({"prompt": ["a", 5]}, "prompt[1]"),
        ({"prompt": [1, "a"]}, "prompt[1]"),
        ({"prompt": [1, -1]}, "prompt[1]"),
        ({"prompt": [True]}, "prompt[0]"),
        ({"prompt": [1, 10**30]}, "prompt[1]"),
        ({"prompt": ["a"] * 129}, "prompt"),
        ({"prompt": ["a", "b"], "n": 65}, "prompt"),
        ({"n": 0}, "n"),
        ({"echo": "yes"}, "echo"),
        ({"logprobs": True}, "logprobs"),
        ({"logprobs": 21}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stream": 1}, "stream"),
        ({"user": 1}, "user"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**fields)
    assert refused.value.param == name
    assert name in refused.value.message


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"suffix": "end"}, "suffix"), ({"best_of": 2}, "best_of"), ({"echo": True, "logprobs": 0}, "echo")],
)
def test_what_is_not_honoured_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(NotSupported) as refused:
        read(**fields)
    assert refused.value.param == name


def candidate(text: str, prompt: int = 3) -> Candidate:
    return Candidate("m", Message("assistant", (Text(text),)), "stop", Usage(prompt, 2, 1), (ENTRY,))


def test_a_whole_answer_counts_each_prompt_once() -> None:
    call = read(prompt=["a", "bc"], n=2, echo=True)
    wire = whole_to_wire(call, ["a", "bc"], {}, [candidate("1"), candidate("2"), candidate("3", 4), candidate("4", 4)])
    Completion.model_validate(wire, strict=True)
    assert [(one["index"], one["text"]) for one in wire["choices"]] == [(0, "a1"), (1, "a2"), (2, "bc3"), (3, "bc4")]
    assert wire["usage"]["prompt_tokens"] == 7 and wire["usage"]["completion_tokens"] == 8
    assert wire["choices"][0]["logprobs"] is None


def test_logprobs_in_their_older_form() -> None:
    wire = whole_to_wire(read(logprobs=2), [""], {}, [candidate("ab")])
    assert wire["choices"][0]["logprobs"] == {
        "tokens": ["ab"],
        "token_logprobs": [-0.5],
        "top_logprobs": [{"ab": -0.5, "c": -9999.0}],
        "text_offset": [0],
    }


def chunks(call: Call, echoes: tuple[str, ...], events: list[Event]) -> list[Any]:
    stream = CompletionStream(call, echoes)
    wire = b"".join([data for event in events for data in stream.event(event)]) + stream.end()
    texts = [part.removeprefix("data: ") for part in wire.decode().split("\n\n") if part]
    assert texts.pop() == "[DONE]"
    return [json.loads(text) for text in texts]


def test_a_stream_of_two_prompts_with_echo() -> None:
    call = read(prompt=["a", "bc"], echo=True, stream_options={"include_usage": True})
    events: list[Event] = [
        Accepted(3), TextDelta("1", 0, (ENTRY,)), Accepted(4), TextDelta("2", 1), TextDelta("3", 0, (ENTRY,)),
        Finished("stop", Usage(3, 2), 0), Finished("length", Usage(4, 1), 1),
    ]  # fmt: skip
    found = chunks(call, ("a", "bc"), events)
    texts, reasons = {0: "", 1: ""}, {}
    for chunk in found[:-1]:
        (choice,) = chunk["choices"]
        texts[choice["index"]] += choice["text"]
        reasons[choice["index"]] = choice["finish_reason"]
    assert (texts, reasons) == ({0: "a13", 1: "bc2"}, {0: "stop", 1: "length"})
    offsets = [one["choices"][0]["logprobs"] for one in found[:-1] if one["choices"][0]["logprobs"]]
    assert [one["text_offset"] for one in offsets] == [[1], [2]]
    assert found[-1]["choices"] == [] and found[-1]["usage"]["total_tokens"] == 10


def test_silence_and_failure() -> None:
    stream = CompletionStream(read(), ("",))
    idle = json.loads(stream.idle().removeprefix(b"data: "))
    assert idle["choices"] == [{"index": 0, "text": "", "logprobs": None, "finish_reason": None}]
    assert json.loads(stream.failure(Overloaded("full")).removeprefix(b"data: "))["error"]["code"] == "overloaded"


async def test_candidates_of_several_requests_are_numbered_on() -> None:
    seen: list[Event] = []

    def work(name: str, wait: float) -> Any:
        async def answer(emit: Emit) -> list[Candidate]:
            await emit(Accepted(1))
            await anyio.sleep(wait)
            await emit(TextDelta(name, 1))
            return [candidate(name), candidate(name)]

        return answer

    async def emit(event: Event) -> None:
        seen.append(event)

    found = await run([work("a", 0.02), work("b", 0)], 2, emit)
    assert [one.message.text for one in found] == ["a", "a", "b", "b"]
    assert [event for event in seen if isinstance(event, TextDelta)] == [TextDelta("b", 3), TextDelta("a", 1)]


async def test_the_first_failure_ends_all() -> None:
    cancelled = []

    async def slow(_: Emit) -> list[Candidate]:
        try:
            await anyio.sleep(60)
        finally:
            cancelled.append(1)
        return []

    async def fails(_: Emit) -> list[Candidate]:
        await anyio.sleep(0.01)
        raise Overloaded("full")

    async def emit(_: Event) -> None:
        pass

    with pytest.raises(Overloaded):
        await run([slow, fails], 1, emit)
    assert cancelled == [1]

"""What servers do wrong: never a silent empty answer, never `stop` where there was none, and never the key."""

import json

import anyio
import pytest
from aiohttp import web
from localswarm.chat import Accepted, Finished, Policy, Sampling, TextDelta, ToolCallDelta, ToolSpec
from localswarm.errors import (
    BadRequest,
    ContextOverflow,
    NotSupported,
    Overloaded,
    SwarmError,
    Unavailable,
    UpstreamFault,
)
from localswarm.swarm.upstream import asking, http, lines, member

from .standing import (
    DONE,
    HELLO,
    Answer,
    StandIn,
    asked,
    chunk,
    event,
    refuses,
    replies,
    says,
    streams,
    until,
    usage,
    watched,
)

HTML = "<!DOCTYPE html><html><body>Welcome to nginx!</body></html>"
CALL = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a": '}}]}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (replies(HTML, 200), UpstreamFault, "web page"),
        (replies(HTML, 502), Unavailable, "web page"),
        (replies(HTML, 404), SwarmError, "web page"),
        (replies("", 200), UpstreamFault, "empty answer"),
        (replies('{"choices": [{"mess', 200), UpstreamFault, "not JSON, or only a part"),
        (replies({"error": {"message": "CUDA out of memory"}}, 200), UpstreamFault, "CUDA out of memory"),
        (replies({"error": "kaput"}, 200), UpstreamFault, "kaput"),
        (replies({"detail": [{"loc": ["body"], "msg": "bad"}]}, 422), BadRequest, "bad"),
        (replies({"choices": []}, 200), UpstreamFault, "without a word why"),
        (replies({}, 200), UpstreamFault, "without a word why"),
        (replies([1], 200), UpstreamFault, "no answer of a model"),
        (streams(event({"error": {"message": "the GPU fell off", "code": 500}})), UpstreamFault, "the GPU fell off"),
        (streams(), UpstreamFault, "without a word why"),
        (streams(DONE), UpstreamFault, "without a word why"),
        (streams(b": ping\n\n", chunk({"role": "assistant"})), UpstreamFault, "without a word why"),
        (streams(chunk({"content": ""}), chunk(reason="stop"), DONE), UpstreamFault, "empty answer"),
        (streams(b'data: {"choices": [{"del\n\n'), UpstreamFault, "not JSON"),
        (streams(b"data: 17\n\n"), UpstreamFault, "no answer of a model"),
        (streams(chunk(reason="abort")), UpstreamFault, "abort"),
        (streams(chunk(reason="content_filter")), UpstreamFault, "content_filter"),
        (refuses("wrong", 401), UpstreamFault, "refuses the key"),
        (refuses("slow down", 429), Overloaded, "slow down"),
        (refuses("bad temperature", 400), BadRequest, "bad temperature"),
        (refuses("boom", 500), UpstreamFault, "boom"),
        (replies("", 302, Location="http://elsewhere/"), UpstreamFault, "sends us elsewhere"),
    ],
)
async def test_no_answer_at_all(answer: Answer, kind: type[SwarmError], words: str) -> None:
    async with asked(answer) as (stand_in, asker):
        with pytest.raises(kind, match=words) as caught:
            await asker.ask()
        assert stand_in.url in caught.value.message
        assert not any(isinstance(one, TextDelta | Finished) for one in asker.events)
        assert len(stand_in.asked) <= asking.TRIES


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((), "without a word why"),
        ((DONE,), "without a word why"),
        ((usage(3, 1), DONE), "without a word why"),
        ((event({"error": "the model fell over"}),), "fell over"),
        ((b"data: {",), "not JSON"),
        ((b"data: <html>\n\n",), "web page"),
        ((chunk(reason="error"),), "error"),
        ((chunk(CALL), chunk(reason="tool_calls")), "not JSON"),
    ],
)
async def test_broken_off_in_the_middle(parts: tuple[bytes, ...], words: str) -> None:
    """What was said was said: it is not asked again, and it does not end in `stop`."""
    async with asked(streams(says("Hel"), 0.1, *parts)) as (stand_in, asker):
        with pytest.raises(UpstreamFault, match=words):
            await asker.ask(tools=(ToolSpec("f"),))
        assert len(stand_in.asked) == 1
        assert [one.text for one in asker.events if isinstance(one, TextDelta)] == ["Hel"]
        assert not any(isinstance(one, Finished) for one in asker.events)


async def test_a_connection_that_is_cut() -> None:
    async def cut(request: web.Request, _: object) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        await response.prepare(request)
        await response.write(says("Hel"))
        assert request.transport
        request.transport.close()
        return response

    async with asked(cut) as (stand_in, asker):
        with pytest.raises(UpstreamFault, match="broke off"):
            await asker.ask()
        assert len(stand_in.asked) == 1


async def test_one_that_stumbles_is_asked_once_more() -> None:
    async def hangs_up(request: web.Request, _: object) -> web.StreamResponse:
        assert request.transport
        request.transport.close()
        return web.Response()

    for stumble in (hangs_up, refuses("boom", 500), streams(chunk(reason="stop"))):
        async with asked(stumble, streams(*HELLO)) as (stand_in, asker):
            (candidate,) = await asker.ask()
            assert candidate.message.text == "Hello" and len(stand_in.asked) == 2


@pytest.mark.parametrize("retry", ["7", "0.2", "Wed, 21 Oct 2099 07:28:00 GMT", "soon", ""])
async def test_too_much_to_do(retry: str) -> None:
    """Its wish to be left alone is passed on, and kept."""
    async with asked(replies({"error": "busy"}, 429, **{"Retry-After": retry})) as (stand_in, asker):
        with pytest.raises(Overloaded) as caught:
            await asker.ask()
        seconds = {"7": 7, "0.2": 1, "soon": 5, "": 5}.get(retry, 600)
        assert caught.value.retry_after == seconds and caught.value.status == 503
        with pytest.raises(Unavailable, match="asked again in"):
            await asker.ask()
        assert len(stand_in.asked) == 1


@pytest.mark.parametrize(
    ("answer", "prompt", "context"),
    [
        (refuses("request (6031 tokens) exceeds the available context size (2048 tokens), try increasing it",
                 type="exceed_context_size_error", n_prompt_tokens=6031, n_ctx=2048), 6031, 2048),
        (refuses("This model's maximum context length is 2048 tokens. However, you requested 9000 tokens "
                 "(8000 in the messages, 1000 in the completion)."), 8000, 2048),
        (refuses("This model's maximum context length is 2048 tokens. However, your messages resulted in 3000 tokens."),
         3000, 2048),
        (refuses("The input (5000 tokens) is longer than the model's context length (2048 tokens)."), 5000, 2048),
        (refuses("prompt too long; exceeded max context length by 12 tokens"), 4097, 4096),
        (streams(event({"error": {"message": "maximum context length is 2048 tokens", "code": 400}})), 2049, 2048),
    ],
)  # fmt: skip
async def test_a_prompt_that_is_too_long(answer: Answer, prompt: int, context: int) -> None:
    """And a context that it lied about is known from then on."""
    async with asked(answer) as (_, asker):
        with pytest.raises(ContextOverflow, match=f"maximum context length is {context} tokens") as caught:
            await asker.ask()
        assert caught.value.prompt_tokens == prompt
        assert asker.swarm.find("big").context == context


async def test_an_answer_that_was_wished_too_long_is_cut() -> None:
    message = (
        "This model's maximum context length is 4096 tokens. However, you requested 32100 tokens "
        "(100 in the messages, 32000 in the completion)."
    )
    async with asked(refuses(message), streams(*HELLO)) as (stand_in, asker):
        await asker.ask(sampling=Sampling(max_tokens=32000))
        assert [body["max_tokens"] for body in stand_in.asked] == [32000, 3995]
    newer = (
        "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 4096 "
        "tokens and your request has 100 input tokens (32000 > 4096 - 100)."
    )
    async with asked(refuses(newer), streams(*HELLO)) as (stand_in, asker):
        await asker.ask(sampling=Sampling(max_tokens=32000))
        assert [body["max_tokens"] for body in stand_in.asked] == [32000, 3995]


@pytest.mark.parametrize(
    ("message", "param", "gone"),
    [
        ("Unrecognized request argument supplied: top_k", None, "top_k"),
        ("body.seed: Extra inputs are not permitted", None, "seed"),
        ("unknown field", "stream_options", "stream_options"),
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens", "max_tokens"),
    ],
)
async def test_what_it_does_not_take_is_left_out_from_then_on(message: str, param: str | None, gone: str) -> None:
    async with asked(refuses(message, param=param), streams(*HELLO)) as (stand_in, asker):
        sampling = Sampling(top_k=3, seed=5, max_tokens=9)
        for _ in range(2):
            await asker.ask(sampling=sampling)
        first, *others = stand_in.asked
        assert gone in first and len(others) == 2 and not any(gone in body for body in others)
        warnings = next(one.warnings for one in asker.events if isinstance(one, Accepted))
        assert any(gone in one for one in warnings) == (gone in ("top_k", "seed"))
        if gone == "max_tokens":
            assert others[0]["max_completion_tokens"] == 9


async def test_what_cannot_be_left_out_is_refused_by_name() -> None:
    async with asked(refuses("registry.ollama.ai/library/big does not support tools")) as (stand_in, asker):
        with pytest.raises(NotSupported, match=r"'big' at .* does not support tools"):
            await asker.ask(tools=(ToolSpec("f"),))
        assert len(stand_in.asked) == 1


async def test_candidates_where_it_does_not_know_n() -> None:
    """One that ignores it, and one that refuses it: the others are asked for one by one, each with its own seed."""
    for first in (streams(*HELLO), refuses("n must be 1", param="n")):
        async with asked(first, streams(*HELLO)) as (stand_in, asker):
            for _ in range(2):
                found = await asker.ask(policy=Policy(3), sampling=Sampling(seed=7))
                assert [one.message.text for one in found] == ["Hello"] * 3
                ends = [one.candidate for one in asker.events if isinstance(one, Finished)]
                assert sorted(ends) == [0, 1, 2]
                assert sum(isinstance(one, Accepted) for one in asker.events) == 1
            assert stand_in.asked[0]["n"] == 3 and "n" not in stand_in.asked[-1]
            assert sorted(body["seed"] for body in stand_in.asked[-3:]) == [7, 8, 9]


async def test_bytes_cut_in_the_middle_of_a_character() -> None:
    euro, smile = "€".encode(), json.dumps("😀")[1:-1]
    raw = [b'data: {"choices": [{"index": 0, "delta": {"content": "' + part + b'"}}]}\n\n' for part in (
        euro[:1], euro[1:], smile[:6].encode(), smile[6:].encode(), b"\xff", b"ok")]  # fmt: skip
    async with asked(streams(*raw, chunk(reason="stop"), DONE)) as (_, asker):
        (candidate,) = await asker.ask()
        assert candidate.message.text == "€😀\ufffdok"
        assert "".join(one.text for one in asker.events if isinstance(one, TextDelta)) == "€😀\ufffdok"
    whole = b"".join(raw)
    pieces = [whole[at : at + 3] for at in range(0, len(whole), 3)]
    async with asked(streams(*pieces, chunk(reason="stop"))) as (_, asker):
        assert (await asker.ask())[0].message.text == "€😀\ufffdok"


async def test_a_line_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "Events", lambda: lines.Events(10_000))
    for answer in (streams(b"data: " + b"x" * 20_000), streams(*[b"data: x\n"] * 5_000)):
        async with asked(answer) as (_, asker):
            with pytest.raises(UpstreamFault, match="without an end"):
                await asker.ask()


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(http, "FIRST_BYTE_SECONDS", 0.3)
    for parts in ((says("Hel"), 5.0), (5.0,)):
        async with asked(streams(*parts)) as (_, asker):
            with pytest.raises(Unavailable, match="said nothing for"):
                await asker.ask()


async def test_the_client_is_told_that_we_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "PATIENCE_SECONDS", 0.05)
    async with asked(streams(0.3, *HELLO)) as (_, asker), anyio.create_task_group() as group:
        group.start_soon(asker.ask)
        await anyio.sleep(0.2)
        assert [type(one) for one in asker.events] == [Accepted]
        await anyio.sleep(0.3)
        assert isinstance(asker.events[-1], Finished) and sum(isinstance(one, Accepted) for one in asker.events) == 1


async def test_a_client_that_leaves_is_a_request_that_ends() -> None:
    async with asked(streams(says("Hel"), 30.0)) as (stand_in, asker):
        async with anyio.create_task_group() as group:
            group.start_soon(asker.ask)
            await until(lambda: bool(asker.events))
            group.cancel_scope.cancel()
        await until(lambda: bool(stand_in.left))
        assert not any(member.busy().running for member in asker.swarm._members())


async def test_the_key_is_sent_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    """Not even when the server repeats it."""
    secret = "sk-very-secret"
    async with asked(refuses(f"The key {secret} is bad", 500), key=secret) as (stand_in, asker):
        with pytest.raises(UpstreamFault) as caught:
            await asker.ask()
        assert stand_in.headers[0]["Authorization"] == f"Bearer {secret}"
        assert secret not in caught.value.message and "***" in caught.value.message
    async with StandIn(key=secret).running() as stand_in, watched(stand_in.url, "wrong-key") as server:
        assert "refuses the key" in server.note() and stand_in.url in server.note()
        assert "wrong-key" not in server.note() + caplog.text and not server.members()


async def test_calls_as_servers_write_them() -> None:
    def piece(**call: object) -> bytes:
        return chunk({"tool_calls": [call]})

    by_the_book = (
        piece(index=0, id="a", type="function", function={"name": "f", "arguments": ""}),
        piece(index=0, function={"arguments": '{"x"'}),
        piece(index=1, id="b", type="function", function={"name": "g", "arguments": "{}"}),
        piece(index=0, function={"arguments": ": 1}"}),
    )
    no_index = (piece(id="a", function={"name": "f", "arguments": '{"x": 1}'}), piece(id="b", function={"name": "g"}))
    same_index = (
        piece(index=0, id="a", function={"name": "f", "arguments": '{"x": 1}'}),
        piece(index=0, id="b", function={"name": "g", "arguments": ""}),
    )
    repeated = (
        piece(index=0, id="a", function={"name": "f", "arguments": '{"x"'}),
        piece(index=0, id="a", function={"name": "f", "arguments": ": 1}"}),
        piece(index=1, id="b", function={"name": "g", "arguments": {}}),
    )
    for pieces in (by_the_book, no_index, same_index, repeated):
        async with asked(streams(*pieces, chunk(reason="stop"), DONE)) as (_, asker):
            (candidate,) = await asker.ask(tools=(ToolSpec("f"), ToolSpec("g")))
            assert [(one.id, one.name, json.loads(one.arguments)) for one in candidate.message.calls] == [
                ("a", "f", {"x": 1}), ("b", "g", {})]  # fmt: skip
            assert candidate.reason == "tool_calls"
            deltas = [one for one in asker.events if isinstance(one, ToolCallDelta)]
            for index, call in enumerate(candidate.message.calls):
                mine = [one for one in deltas if one.index == index]
                assert (mine[0].id, mine[0].name, mine[0].arguments) == (call.id, call.name, "")
                assert not any(one.id or one.name for one in mine[1:])
                assert "".join(one.arguments for one in mine) == call.arguments
    async with asked(streams(piece(function={"name": "f"}), chunk(reason="stop"))) as (_, asker):
        (call,) = (await asker.ask(tools=(ToolSpec("f"),)))[0].message.calls
        assert call.id and call.arguments == "{}"


async def test_a_server_that_does_not_stream() -> None:
    whole = {
        "choices": [
            {
                "message": {"role": "assistant", "content": "Hello", "reasoning": "Hm."},
                "finish_reason": "stop",
                "logprobs": {"content": [{"token": "Hello", "logprob": -0.5, "bytes": None, "top_logprobs": []}]},
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}},
    }
    async with asked(replies(whole)) as (_, asker):
        (candidate,) = await asker.ask(sampling=Sampling(logprobs=0))
        assert (candidate.message.text, candidate.message.thinking) == ("Hello", "Hm.")
        assert (candidate.usage.prompt, candidate.usage.completion, candidate.usage.cached) == (5, 3, 2)
        assert candidate.logprobs[0].bytes == b"Hello" and candidate.logprobs[0].logprob == -0.5


async def test_no_usage_is_an_estimate() -> None:
    async with asked(streams(says("a"), says("b"), chunk(reason="length"))) as (_, asker):
        (candidate,) = await asker.ask(text="x" * 400)
        assert candidate.usage.completion == 2 and 90 < candidate.usage.prompt < 120

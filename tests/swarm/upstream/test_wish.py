"""What was asked for, and what a server makes of it that takes no notice: no wrong call is passed on as a right one."""

from typing import Any

import pytest
from localswarm.chat import (
    ChatRequest,
    Finished,
    Message,
    ResponseFormat,
    Sampling,
    Text,
    TextDelta,
    TextForm,
    ToolCallDelta,
    ToolChoice,
    ToolSpec,
)
from localswarm.errors import UpstreamFault
from localswarm.swarm.upstream import asking, wish

from ..scripted import ScriptedMember
from ..scripted import says as scripted_says
from .standing import StandIn, asked, chunk, request, says, streams, swarm_of, watched

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolSpec("weather", schema=CITY)
TOOLS: dict[str, Any] = {"tools": (WEATHER, ToolSpec("clock"))}
REQUIRED = TOOLS | {"tool_choice": ToolChoice("required")}
BIG = {"data": [{"id": "big-7b", "owned_by": "vllm", "max_model_len": 4096}]}
CITY_FORM: dict[str, Any] = {"response_format": ResponseFormat(CITY)}
ANY_OBJECT = {"response_format": ResponseFormat({})}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE_SECONDS", 0.0)


def call(name: str = "weather", arguments: str = '{"city": "Rome"}', index: int = 0) -> bytes:
    function = {"name": name, "arguments": arguments}
    return chunk({"tool_calls": [{"index": index, "id": f"c{index}", "function": function}]})


STOP, LENGTH = chunk(reason="stop"), chunk(reason="length")


@pytest.mark.parametrize(
    ("parts", "more", "words"),
    [
        ((call("delete_all"),), TOOLS, "called 'delete_all', a tool that it was not offered"),
        ((call(),), {}, "not offered"),
        ((call(),), TOOLS | {"tool_choice": ToolChoice("none")}, "not offered"),
        ((call("clock"),), TOOLS | {"tool_choice": ToolChoice("required", ("weather",))}, "not offered"),
        ((call(), call("delete_all", index=1)), TOOLS, "not offered"),
        ((call(arguments='"Rome"'),), TOOLS, "no JSON object"),
        ((call(arguments="[1]"),), TOOLS, "no JSON object"),
        ((call(arguments="null"),), TOOLS, "no JSON object"),
        ((call(arguments="Rome"),), TOOLS, "no JSON object"),
        ((says("The weather is "), says("fine."), STOP), REQUIRED, "called no tool"),
        ((says('```json\n{"name": "weather"}\n```'), STOP), REQUIRED, "called no tool"),
        ((says("  "), says("Sure! Here it is"),), CITY_FORM, "in words"),
        ((says("```json\n{}\n```"),), ANY_OBJECT, "in words"),
        ((says("[1]"),), ANY_OBJECT, "in words"),
    ],
)  # fmt: skip
async def test_nothing_wrong_is_passed_on(parts: tuple[bytes, ...], more: dict[str, Any], words: str) -> None:
    """Nothing was said yet, so it is asked once more, and then another member answers. Its server is none the worse."""
    async with asked(streams(*parts, STOP)) as (stand_in, asker):
        for _ in range(4):
            with pytest.raises(UpstreamFault, match=words) as caught:
                await asker.ask(**more)
            assert stand_in.url in caught.value.message
            assert not any(isinstance(one, TextDelta | Finished) for one in asker.events)
            assert not any(isinstance(one, ToolCallDelta) and one.name != "weather" for one in asker.events)
            first_call_was_right = any(isinstance(one, ToolCallDelta) for one in asker.events)
    async with StandIn(streams(*parts, STOP), listed=BIG).running() as stand_in, watched(stand_in.url) as server:
        other = ScriptedMember(scripted_says("Hello"))
        if not first_call_was_right:
            (candidate,) = await swarm_of([other], server).ask("swarm", **more)
            assert candidate.message.text == "Hello" and len(stand_in.asked) == asking.TRIES


@pytest.mark.parametrize(
    ("parts", "more", "words"),
    [
        ((call(arguments='{"city": '),), TOOLS, "arguments are not JSON"),
        ((call(arguments='{"city": NaN}'),), TOOLS, "arguments are not JSON"),
        ((call(arguments='{"city": "Rome"} and so on'),), TOOLS, "arguments are not JSON"),
        ((says("{"), says('"city": Rome}')), CITY_FORM, "not JSON"),
        ((says('{"city": "Rome"}'), says(" I hope that helps.")), ANY_OBJECT, "not JSON"),
    ],
)
async def test_what_turns_out_wrong_at_its_end_is_an_error(
    parts: tuple[bytes, ...], more: dict[str, Any], words: str
) -> None:
    async with asked(streams(*parts, STOP)) as (stand_in, asker):
        with pytest.raises(UpstreamFault, match=words):
            await asker.ask(**more)
        assert len(stand_in.asked) == 1 and asker.events
        assert not any(isinstance(one, Finished) for one in asker.events)


@pytest.mark.parametrize(
    ("parts", "more", "words"),
    [
        ((call(), STOP), TOOLS, ""),
        ((call(arguments='{"city": 1}'), STOP), TOOLS, "call of 'weather' to its schema: city: 1 is not of type"),
        ((call(arguments="{}"), STOP), TOOLS, "'city' is a required property"),
        ((says('{"city": "Rome"}'), STOP), CITY_FORM, ""),
        ((says('{"town": "Rome"}'), STOP), CITY_FORM, "did not hold the answer to its schema"),
        ((says('{"town": "Rome"}'), STOP), ANY_OBJECT, ""),
        ((says("Let me see."), call(), STOP), TOOLS | CITY_FORM, ""),
        ((says('{"city": "Ro'), LENGTH), CITY_FORM, ""),
        ((call(arguments='{"city": "Ro'), LENGTH), TOOLS, ""),
        ((says("Hm, "), LENGTH), REQUIRED, ""),
        ((says('{"city": "Ro'), STOP), CITY_FORM | {"sampling": Sampling(stop=("me",))}, ""),
    ],
)
async def test_what_is_nearly_right_comes_with_a_warning(
    parts: tuple[bytes, ...], more: dict[str, Any], words: str
) -> None:
    async with asked(streams(*parts)) as (_, asker):
        (candidate,) = await asker.ask(**more)
        (end,) = [one for one in asker.events if isinstance(one, Finished)]
        assert bool(end.warnings) == bool(words) and all(words in one for one in end.warnings)
        said = "".join(one.text for one in asker.events if isinstance(one, TextDelta))
        assert said == candidate.message.text


async def test_words_before_a_call_that_was_required_are_kept() -> None:
    async with asked(streams(says("Let me "), says("see."), call(), STOP)) as (_, asker):
        (candidate,) = await asker.ask(**REQUIRED)
        kinds = [type(one) for one in asker.events if isinstance(one, TextDelta | ToolCallDelta)]
        assert kinds[0] is TextDelta and kinds[-1] is ToolCallDelta
        assert candidate.message.text == "Let me see." and candidate.message.calls[0].name == "weather"


async def test_one_call_where_one_was_asked_for() -> None:
    two = (call(), call("clock", "{}", 1), STOP)
    async with asked(streams(*two)) as (_, asker):
        (candidate,) = await asker.ask(**TOOLS, tool_choice=ToolChoice(parallel=False))
        assert [one.name for one in candidate.message.calls] == ["weather"]
        assert [one.name for one in asker.events if isinstance(one, ToolCallDelta) and one.name] == ["weather"]
        (end,) = [one for one in asker.events if isinstance(one, Finished)]
        assert end.reason == "tool_calls" and "several tools at once" in end.warnings[0]
        assert len((await asker.ask(**TOOLS))[0].message.calls) == 2


async def test_a_call_that_was_cut_off_is_not_made_whole() -> None:
    """No arguments were written: an empty object would be a call that nobody made."""
    async with asked(streams(call("clock", ""), LENGTH)) as (_, asker):
        (candidate,) = await asker.ask(**TOOLS)
        assert candidate.reason == "length" and candidate.message.calls[0].arguments == ""


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        (TextForm("regex", "[a-z]+"), "abc", ""),
        (TextForm("regex", "[a-z]+"), "ABC", "does not match"),
        (TextForm("lark", 'start: "yes" | "no"'), "no", ""),
        (TextForm("lark", 'start: "yes" | "no"'), "maybe", "does not match"),
        (TextForm("lark", 'start: "(" start ")" | "x"'), "y", "does not enforce the grammar of the tool 'free'"),
    ],
)
async def test_the_grammar_of_a_tool_of_one_text(form: TextForm, text: str, words: str) -> None:
    schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    free = ToolSpec("free", schema=schema, form=form)
    async with asked(streams(call("free", f'{{"input": "{text}"}}'), STOP)) as (_, asker):
        await asker.ask(tools=(free,))
        (end,) = [one for one in asker.events if isinstance(one, Finished)]
        assert bool(end.warnings) == bool(words) and all(words in one for one in end.warnings)


def test_a_beginning_that_the_client_wrote_is_not_looked_at() -> None:
    said = (Message("user", (Text("JSON?"),)), Message("assistant", (Text('{"city": '),)))
    continued: ChatRequest = request(messages=said, continue_last=True, **CITY_FORM)
    found = wish.of(continued)
    assert not found.refuses_text("Rome") and not found.refuses('"Rome"}', 0) and not [*found.warnings('"Rome"}', ())]

"""Talking to a node through its page, in a real browser."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from localswarm.chat import Accepted, ChatRequest, Finished, Sampling, TextDelta, ThinkingDelta, Usage
from localswarm.errors import BadRequest, EngineDied, ModelLoading
from playwright.sync_api import Browser, expect

from ...swarm.scripted import CONTEXT, ScriptedMember, Step, calls, says
from ..serving import served
from .page import opened

FOREVER = 60.0


def test_an_answer_comes_while_it_is_written(browser: Browser) -> None:
    member = ScriptedMember(
        [Accepted(5), TextDelta("Hello "), 1.0, TextDelta("world"), Finished("stop", Usage(5, 2, 2))]
    )
    with served(member) as url, opened(browser, url) as page:
        page.ask("Good\u2003day")
        expect(page.text).to_have_text("Hello", timeout=900)
        expect(page.answer).to_have_attribute("aria-busy", "true")
        expect(page.text).to_have_text("Hello world")
        page.ended()
        assert [message.text for message in member.asked[0].messages] == ["Good\u2003day"]
        expect(page.answer.locator(".numbers")).to_contain_text("2\u00a0tokens")
        expect(page.answer.locator(".numbers")).to_contain_text("5\u00a0read, 2\u00a0of them known")
        expect(page.page.locator("#context")).to_contain_text(f"7 of {CONTEXT:,} tokens")


def test_the_whole_conversation_is_sent_with_what_was_set(browser: Browser) -> None:
    member = ScriptedMember(says("Yes."))
    with served(member) as url, opened(browser, url) as page:
        page.ready()
        page.press("Settings")
        page.page.get_by_label("System prompt").fill("Be brief.")
        page.page.get_by_label("Temperature").fill("0.2")
        page.page.get_by_label("Longest answer").fill("77")
        page.page.keyboard.press("Escape")
        page.page.get_by_label("Model").first.select_option("scripted")
        page.ask("One")
        page.ended()
        page.ask("Two")
        expect(page.page.locator("article.answer")).to_have_count(2)
        page.ended()
        last = member.asked[-1]
        assert [(message.role, message.text) for message in last.messages] == [
            ("system", "Be brief."),
            ("user", "One"),
            ("assistant", "Yes."),
            ("user", "Two"),
        ]
        assert (last.model, last.sampling.temperature, last.sampling.max_tokens) == ("scripted", 0.2, 77)


@pytest.mark.parametrize(
    ("label", "typed", "words"),
    [
        ("Temperature", "9", "The temperature must be a number between 0 and 2"),
        ("Temperature", "-0.1", "between 0 and 2"),
        ("Longest answer", "-5", "The longest answer must be a whole number of at least 1"),
        ("Longest answer", "1.5", "must be a whole number"),
        ("Tools", "{", "not JSON"),
        ("Tools", '[{"type": "function"}]', "Each tool must be"),
        ("Tools", '[{"type": "function", "function": {"name": "x y"}}]', 'The name "x y" must be'),
        ("Tools", '[{"type": "function", "function": {}}]', "must be 1 to 128 letters"),
        ("Tools", json.dumps([{"type": "function", "function": {"name": "f"}}] * 2), 'Two tools have the name "f"'),
        ("Tools", '[{"type": "function", "function": {"name": "f", "parameters": 5}}]', "must be a JSON schema"),
    ],
)
def test_a_wrong_setting_is_told_at_its_field_and_not_sent(
    browser: Browser, label: str, typed: str, words: str
) -> None:
    member = ScriptedMember(says("Yes."))
    with served(member) as url, opened(browser, url) as page:
        page.press("Settings")
        field = page.page.get_by_label(label)
        field.fill(typed)
        expect(page.page.locator(".problem:visible")).to_have_count(1)
        expect(page.page.locator(".problem:visible")).to_contain_text(words)
        expect(field).to_have_attribute("aria-invalid", "true")
        page.page.keyboard.press("Escape")
        page.ask("One")
        page.ended()
        assert (member.asked[0].sampling, member.asked[0].tools) == (Sampling(), ())


def test_a_setting_that_was_mended_is_sent(browser: Browser) -> None:
    member = ScriptedMember(says("Yes."))
    with served(member) as url, opened(browser, url) as page:
        page.press("Settings")
        field = page.page.get_by_label("Temperature")
        for typed in ("9", "0.25"):
            field.fill(typed)
        expect(page.page.locator(".problem:visible")).to_have_count(0)
        expect(field).to_have_attribute("aria-invalid", "false")
        page.page.keyboard.press("Escape")
        page.ask("One")
        page.ended()
        assert member.asked[0].sampling.temperature == 0.25


def test_shift_and_enter_make_a_new_line(browser: Browser) -> None:
    member = ScriptedMember(says("Yes."))
    with served(member) as url, opened(browser, url) as page:
        page.question.type("One")
        page.question.press("Shift+Enter")
        page.question.type("Two")
        page.question.press("Enter")
        page.ended()
        assert member.asked[0].messages[0].text == "One\nTwo"


def test_thinking_stands_apart(browser: Browser) -> None:
    steps: list[Step] = [ThinkingDelta("Hmm, "), ThinkingDelta("so."), 0.5, TextDelta("Yes."), 0.5]
    member = ScriptedMember([Accepted(5), *steps, Finished("stop", Usage(5, 3))])
    with served(member) as url, opened(browser, url) as page:
        page.ask("Well?")
        thought = page.answer.locator("details.thinking")
        # Open while it thinks, closed when it speaks, and opened by whoever wants to read it.
        expect(thought.locator("p")).to_be_visible()
        expect(page.text).to_have_text("Yes.")
        expect(thought.locator("p")).to_be_hidden()
        page.ended()
        expect(thought.locator("summary")).to_have_text(re.compile(r"Thought for \d\.\d s"))
        thought.locator("summary").click()
        expect(thought.locator("p")).to_have_text("Hmm, so.")


def test_a_tool_call_is_shown_as_it_grows_and_goes_on_with_a_result(browser: Browser) -> None:
    def script(request: ChatRequest) -> list[Step]:
        if any(message.results for message in request.messages):
            return says("It rains.")
        steps = calls("get_weather", '{"city": "Pa', 'ris"}', text="A moment.")
        return [*steps[:4], 1.0, *steps[4:]]

    member = ScriptedMember(script)
    with served(member) as url, opened(browser, url) as page:
        page.press("Settings")
        page.press("Put an example there")
        page.page.keyboard.press("Escape")
        # A call that is voted on comes whole.
        page.page.get_by_label("Way of answering").select_option("fast")
        page.ask("The weather in Paris?")
        call = page.answer.locator("section.call")
        expect(call.get_by_role("heading")).to_have_text("get_weather")
        expect(call.get_by_label("Arguments")).to_have_text('{"city": "Pa')
        page.ended()
        expect(call.get_by_label("Arguments")).to_have_text('{\n  "city": "Paris"\n}', use_inner_text=True)
        call.get_by_role("textbox", name="Result").fill("Rain, 9 degrees")
        page.press("Continue with these results")
        expect(page.text).to_have_text("It rains.")
        first, second = member.asked
        assert [tool.name for tool in first.tools] == ["get_weather"]
        (given,) = second.messages[-1].results
        assert (given.call, given.content) == ("call_1", "Rain, 9 degrees")
        assert second.messages[-2].calls[0].arguments == '{"city": "Paris"}'


def test_the_stop_button_ends_the_work_and_keeps_what_was_said(browser: Browser) -> None:
    member = ScriptedMember([Accepted(5), TextDelta("Once upon"), FOREVER])
    with served(member) as url, opened(browser, url) as page:
        page.ask("A story")
        expect(page.text).to_have_text("Once upon")
        page.press("Stop")
        _until(lambda: member.left == 1)
        page.ended()
        expect(page.answer.locator(".numbers")).to_contain_text("stopped")
        expect(page.text).to_have_text("Once upon")


def test_escape_stops_too(browser: Browser) -> None:
    member = ScriptedMember([Accepted(5), TextDelta("Once upon"), FOREVER])
    with served(member) as url, opened(browser, url) as page:
        page.ask("A story")
        expect(page.text).to_have_text("Once upon")
        page.page.keyboard.press("Escape")
        _until(lambda: member.left == 1)


def test_again_asks_for_another_answer(browser: Browser) -> None:
    answers = iter([says("Heads."), says("Tails.")])
    member = ScriptedMember(lambda _: next(answers))
    with served(member) as url, opened(browser, url) as page:
        page.ask("Toss")
        expect(page.text).to_have_text("Heads.")
        page.press("Again")
        expect(page.text).to_have_text("Tails.")
        expect(page.page.locator("article")).to_have_count(2)
        assert member.asked[0].messages == member.asked[1].messages


def test_a_reload_keeps_the_conversation_and_clearing_ends_it(browser: Browser) -> None:
    steps: list[Step] = [Accepted(5), ThinkingDelta("Hmm."), TextDelta("**Yes.**"), Finished("stop", Usage(5, 2))]
    with served(ScriptedMember(steps)) as url, opened(browser, url) as page:
        page.ask("Well?")
        page.ended()
        page.page.reload()
        expect(page.page.locator("article.user")).to_have_text("Well?")
        expect(page.text.locator("strong")).to_have_text("Yes.")
        expect(page.answer.locator("details.thinking")).to_be_visible()
        page.press("Clear the conversation")
        expect(page.page.locator("article")).to_have_count(0)
        page.page.reload()
        page.ready()
        expect(page.page.locator("article")).to_have_count(0)


def test_what_the_swarm_tells_is_a_quiet_line(browser: Browser) -> None:
    steps: list[Step] = [Accepted(5, ("A part is not enforced.",)), TextDelta("{}"), Finished("stop", Usage(5, 1))]
    with served(ScriptedMember(steps)) as url, opened(browser, url) as page:
        page.ask("JSON, please")
        expect(page.answer.locator(".swarm summary")).to_contain_text("Warning: A part is not enforced.")


def test_an_error_is_told_in_words_and_can_be_tried_again(browser: Browser) -> None:
    answers: Iterator[list[Step]] = iter([[BadRequest("The template refuses this.")], says("Now it works.")])
    member = ScriptedMember(lambda _: next(answers))
    with served(member) as url, opened(browser, url) as page:
        page.ask("Well?")
        expect(page.answer.get_by_role("alert")).to_contain_text("The template refuses this.")
        page.press("Try again")
        expect(page.text).to_have_text("Now it works.")
        assert "400" in page.problems.pop()


def test_an_error_in_the_middle_keeps_what_was_said(browser: Browser) -> None:
    member = ScriptedMember([Accepted(5), TextDelta("Once upon"), EngineDied("The engine ended.")])
    with served(member) as url, opened(browser, url) as page:
        page.ask("A story")
        expect(page.answer.get_by_role("alert")).to_contain_text("The engine ended.")
        expect(page.text).to_have_text("Once upon")


def test_a_model_that_loads_is_waited_for(browser: Browser) -> None:
    loading = ModelLoading("The model is being loaded (37 %). Try again in a moment.", retry_after=1)
    answers: Iterator[list[Step]] = iter([[loading], says("Here I am.")])
    member = ScriptedMember(lambda _: next(answers))
    with served(member) as url, opened(browser, url) as page:
        page.ask("Hello?")
        expect(page.answer.get_by_role("progressbar")).to_have_attribute("value", "37")
        expect(page.text).to_have_text("Here I am.")
        assert "503" in page.problems.pop()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)

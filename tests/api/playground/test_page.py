"""The page around the conversation: the node's state, the key, the agents, and how it looks."""

import json
import tomllib
from pathlib import Path

import pytest
from localswarm.chat import Accepted, Finished, TextDelta, ThinkingDelta, Usage
from localswarm.errors import ModelLoading
from localswarm.swarm.member import Busy, Served
from playwright.sync_api import Browser, expect

from ...swarm.scripted import CONTEXT, ScriptedMember, Step, says
from ..serving import served
from .page import Playground, opened

KEY = "a-key-of-this-node"
PHONE = {"width": 360, "height": 740}
LONG = (
    "A word, `"
    + "code" * 60
    + "`, and\n\n```\n"
    + "code " * 60
    + "\n```\n\n| a | b |\n|---|---|\n| "
    + "x" * 90
    + " | 2 |"
)


class Loading(ScriptedMember):
    loading = True

    def served(self) -> Served:
        if self.loading:
            raise ModelLoading("The model is being loaded (62 %). Try again in a moment.", retry_after=1)
        return super().served()

    def busy(self) -> Busy:
        return Busy(1, 2, 300, 40, 32768)


def test_the_header_tells_how_the_node_is(browser: Browser) -> None:
    member = Loading(says("Yes."))
    with served(member) as url, opened(browser, url) as page:
        node = page.page.locator("#node")
        expect(node.locator("summary")).to_contain_text("Loading, 62 %")
        member.loading = False
        page.ready()
        expect(node.locator("summary")).to_contain_text("scripted · 2 answering")
        node.locator("summary").click()
        for told in (f"{CONTEXT:,} tokens", "300 of 32,768"):
            expect(node).to_contain_text(told)
        page.problems = [problem for problem in page.problems if "503" not in problem]


def test_a_node_that_is_gone_is_noticed_and_found_again(browser: Browser) -> None:
    with served(ScriptedMember(says("Yes."))) as url, opened(browser, url) as page:
        page.ready()
        page.page.context.set_offline(True)
        page.ask("Hello?")
        expect(page.answer.get_by_role("alert")).to_contain_text("The node cannot be reached.")
        page.page.context.set_offline(False)
        page.press("Try again")
        expect(page.text).to_have_text("Yes.")
        page.problems = [problem for problem in page.problems if "ERR_INTERNET_DISCONNECTED" not in problem]


def test_a_key_is_asked_for_and_kept_in_this_tab_only(browser: Browser) -> None:
    with served(ScriptedMember(says("Yes.")), key=KEY) as url, opened(browser, url) as page:
        dialog = page.page.get_by_role("dialog")
        for key in ("wrong", KEY):
            dialog.get_by_label("API key").fill(key)
            dialog.get_by_label("API key").press("Enter")
            if key == "wrong":
                expect(dialog).to_contain_text("refused")
        page.ready()
        page.ask("Hello?")
        expect(page.text).to_have_text("Yes.")
        page.page.reload()
        page.ready()
        kept = page.page.evaluate("[JSON.stringify(localStorage).includes('a-key'), sessionStorage.length]")
        assert kept == [False, 1]
        page.problems = [problem for problem in page.problems if "401" not in problem]


def test_who_puts_the_key_off_is_asked_again_when_it_is_needed(browser: Browser) -> None:
    with served(ScriptedMember(says("Yes.")), key=KEY) as url, opened(browser, url) as page:
        dialog = page.page.get_by_role("dialog")
        page.press("Later")
        expect(page.page.locator("#node summary")).to_contain_text("Key needed")
        page.ask("Hello?")
        dialog.get_by_label("API key").fill(KEY)
        page.press("Use this key")
        expect(page.text).to_have_text("Yes.")
        page.problems = [problem for problem in page.problems if "401" not in problem]


def test_agents_get_this_nodes_address_model_and_limits(browser: Browser) -> None:
    with (
        served(ScriptedMember()) as url,
        opened(browser, url, permissions=["clipboard-read", "clipboard-write"]) as page,
    ):
        page.ready()
        page.press("Connect an agent")
        dialog = page.page.get_by_role("dialog")
        expect(dialog.locator("details[open] code").first).to_have_text("python main.py launch opencode")
        dialog.locator("details[open]").get_by_role("button", name="Copy").nth(1).click()
        expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
        config = json.loads(page.page.evaluate("navigator.clipboard.readText()"))
        provider = config["provider"]["localswarm"]
        assert (provider["npm"], provider["options"]) == ("@ai-sdk/openai-compatible", {"baseURL": f"{url}/v1"})
        model = provider["models"]["swarm"]
        assert (model["tool_call"], model["limit"]) == (True, {"context": CONTEXT, "output": CONTEXT // 4})
        assert config["model"] == "localswarm/swarm"


SNIPPETS = "module.snippets(value[0], value[1]).map(({ name, parts }) => [name, parts.map((part) => part.text)])"


@pytest.mark.parametrize("shell", ["sh", "powershell"])
@pytest.mark.parametrize("keyed", [False, True])
def test_every_snippet_is_filled_in_and_holds_no_key(browser: Browser, shell: str, keyed: bool) -> None:
    node = {"origin": "http://10.0.0.7:17615", "model": 'odd "name"', "context": 32768, "keyed": keyed}
    with served(ScriptedMember()) as url, opened(browser, url) as page:
        made = dict(page.module("snippets", SNIPPETS, [node, shell]))
    assert list(made) == ["opencode", "Codex", "Claude Code", "Qwen Code", "aider", "curl", "Python"]
    for texts in made.values():
        assert "http://10.0.0.7:17615" in texts[-1]
        assert ("LOCALSWARM_API_KEY" in texts[-1]) is keyed
    codex = tomllib.loads(made["Codex"][1])
    assert (codex["model"], codex["model_context_window"]) == ('odd "name"', 32768)
    assert codex["model_providers"]["localswarm"]["wire_api"] == "responses"
    compile(made["Python"][0], "snippet", "exec")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {"color_scheme": "light", "viewport": {"width": 1200, "height": 800}}),
        ("dark", {"color_scheme": "dark", "viewport": {"width": 1200, "height": 800}}),
        ("phone", {"color_scheme": "light", "viewport": PHONE}),
        ("phone-dark", {"color_scheme": "dark", "viewport": PHONE}),
    ],
)
def test_looks(browser: Browser, tmp_path: Path, name: str, options: dict[str, object]) -> None:
    script: list[Step] = [Accepted(5), ThinkingDelta("Hmm."), TextDelta(LONG), Finished("stop", Usage(5, 1))]
    with served(ScriptedMember(script)) as url, opened(browser, url, **options) as page:
        page.ready()
        page.ask("Hello, " + "long" * 50)
        page.ended()
        assert brightness(page) == ("dark" if "dark" in name else "light")
        assert sideways(page) == 0
        for button, dialog in (("Settings", "#settings"), ("Connect an agent", "#agents")):
            page.press(button)
            expect(page.page.locator(dialog)).to_be_visible()
            assert sideways(page) == 0
            assert page.page.evaluate("one => document.querySelector(one).scrollWidth <= innerWidth", dialog)
            page.page.keyboard.press("Escape")
        picture = page.page.screenshot(path=tmp_path / f"{name}.png")
        # One colour alone packs to a few kilobytes.
        assert len(picture) > 10_000


def test_the_theme_can_be_chosen_and_is_kept(browser: Browser) -> None:
    with served(ScriptedMember()) as url, opened(browser, url, color_scheme="light") as page:
        for expected in ("light", "dark"):
            page.page.locator("#theme").click()
            assert brightness(page) == expected
        page.page.reload()
        assert brightness(page) == "dark"


UNNAMED = """
[...document.querySelectorAll('button, input, select, textarea, dialog, [role=region]')]
    .filter((one) => !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby'))
    .filter((one) => !one.labels?.length && !one.textContent.trim())
    .map((one) => one.outerHTML)
"""


def test_everything_has_a_name_and_can_be_reached_by_keyboard(browser: Browser) -> None:
    with served(ScriptedMember(says("`code`", " and\n```\nmore\n```"))) as url, opened(browser, url) as page:
        page.ask("Hello")
        page.ended()
        assert page.page.evaluate(UNNAMED) == []
        reached = set()
        for _ in range(20):
            page.page.keyboard.press("Tab")
            reached.add(
                page.page.evaluate(
                    "document.activeElement.getAttribute('aria-label') || document.activeElement.tagName"
                )
            )
        assert {"Connect an agent", "Settings", "Clear the conversation", "Code", "TEXTAREA", "Send"} <= reached


def test_reduced_motion_is_respected(browser: Browser) -> None:
    member = ScriptedMember([Accepted(5), 60.0])
    with served(member) as url, opened(browser, url, reduced_motion="reduce") as page:
        page.ask("Hello")
        waiting = page.answer.locator(".pulse")
        expect(waiting).to_be_visible()
        assert waiting.evaluate("one => getComputedStyle(one).animationName") == "none"


def brightness(page: Playground) -> str:
    colour = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "light" if sum(map(int, colour.strip("rgb()").split(", "))) > 384 else "dark"


def sideways(page: Playground) -> int:
    """Pixels that the page could be scrolled to the side."""
    found = page.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(int(found), 0)

"""The page as its user has it: opened in a browser, watched for what must never happen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

SOON = 5000  # milliseconds


class Playground:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.problems: list[str] = []
        self.elsewhere: list[str] = []
        page.set_default_timeout(SOON)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda asked: None if asked.url.startswith(url + "/") else self.elsewhere.append(asked.url))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))

    @property
    def question(self) -> Locator:
        return self.page.get_by_label("Your message")

    @property
    def answer(self) -> Locator:
        """The newest one."""
        return self.page.locator("article.answer").last

    @property
    def text(self) -> Locator:
        return self.answer.locator(".markdown")

    def open(self) -> None:
        self.page.goto(self.url)

    def ready(self) -> None:
        expect(self.page.locator("#node")).to_have_attribute("data-kind", "ready", timeout=SOON)

    def ask(self, text: str) -> None:
        self.question.fill(text)
        self.question.press("Enter")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def ended(self) -> None:
        expect(self.answer).to_have_attribute("aria-busy", "false", timeout=SOON)

    def module(self, name: str, use: str, value: Any = None) -> Any:
        """What a module of the page makes of a value: `use` is an expression of `module` and `value`."""
        code = f"async value => {{ const module = await import('/playground/{name}.js'); return {use} }}"
        return self.page.evaluate(code, value)


@contextmanager
def opened(browser: Browser, url: str, **options: Any) -> Iterator[Playground]:
    """Fails when the page said anything to the console, or asked for anything that is not the node's own."""
    context = browser.new_context(**options)
    playground = Playground(context.new_page(), url)
    try:
        playground.open()
        yield playground
        assert playground.problems == []
        assert playground.elsewhere == []
    finally:
        context.close()

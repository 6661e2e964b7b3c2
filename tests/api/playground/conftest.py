"""A real browser: Chromium or Chrome of the system, without a window."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Containers give no user namespaces to root, and the only pages are our own.
ARGUMENTS = ["--no-sandbox"]


# Not of the whole session: its event loop is in the way of asyncio's tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        yield browser
        browser.close()


def _launch(playwright: Playwright) -> Browser:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        if found:
            return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        return playwright.chromium.launch(channel="chrome", args=ARGUMENTS)
    except Error as error:
        pytest.skip(f"no Chromium or Chrome on this machine: {error.message.splitlines()[0]}")

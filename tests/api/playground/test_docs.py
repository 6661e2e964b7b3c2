"""The page at /docs: every route, what it takes and gives, and examples that work as they stand."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, cast

import httpx
import pytest
from localswarm.api.app import create_app
from localswarm.api.guard import Access
from localswarm.api.playground.routes import FOLDER, PATHS
from localswarm.swarm.answer import Swarm
from playwright.sync_api import Browser, Locator, expect
from starlette.routing import BaseRoute, Route

from ...swarm.scripted import ScriptedMember, says
from ..serving import served
from .page import Playground, opened

KEY = "a-key-of-this-node"
PHONE = {"width": 360, "height": 740}
CHAT = "post-v1-chat-completions"


@contextmanager
def shown(browser: Browser, hash: str = "", **options: Any) -> Iterator[Playground]:
    with served(ScriptedMember(says("Yes."))) as url, opened(browser, url, **options) as page:
        page.page.goto(f"{url}/docs{hash}")
        expect(page.page.locator("#routes")).to_have_attribute("aria-busy", "false")
        yield page


def routes_of_the_app() -> list[Route]:
    return list(flat(create_app(Swarm([ScriptedMember()]), Access(), "test").routes))


def flat(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """FastAPI keeps the routes of a router that was included within it, or used to copy them."""
    for one in routes:
        if isinstance(one, Route):
            yield one
        else:
            yield from flat(cast(Any, one).original_router.routes)


def field(route: Locator, *path: str) -> Locator:
    """Of the request: each of the names lies within the one before."""
    place = route.locator("h4:text-is('Request') + .fields")
    for name in path:
        place = place.locator("li").filter(has=route.page.locator(f"xpath=./p/code[text()='{name}']")).first
    return place


def test_every_route_of_the_app_is_there_once(browser: Browser) -> None:
    described = [one for one in routes_of_the_app() if one.include_in_schema]
    expected = sorted(f"{method} {one.path_format}" for one in described for method in one.methods or ())
    with shown(browser) as page:
        assert sorted(" ".join(text.split()) for text in page.page.locator(".route h3").all_inner_texts()) == expected
        ids = page.page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
        assert len(ids) == len(set(ids))
        for name in ("OpenAI", "Anthropic", "Ollama", "This node"):
            expect(page.page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_no_other_route_is_hidden() -> None:
    hidden = {one.path for one in routes_of_the_app() if not one.include_in_schema}
    # What answers 404 on purpose is no part of the API.
    assert hidden == {"/openapi.json", "/", "/docs", "/playground/{name}", "/v1/responses/compact"}


def test_a_route_tells_its_fields_answers_and_errors(browser: Browser) -> None:
    with shown(browser, f"#{CHAT}") as page:
        route = page.page.locator(f"#{CHAT}")
        expect(route.locator("> summary")).to_be_focused()
        expect(field(route, "messages").locator("> p").first).to_have_text(
            "messages required array of objects · at least 1 item"
        )
        expect(field(route, "temperature").locator("> p")).to_have_text("temperature number · 0 to 2")
        expect(field(route, "max_tokens")).to_contain_text("A wish: it is cut to what the context leaves.")
        expect(field(route, "seed")).to_contain_text("-2^63 to 2^63")
        expect(field(route, "reasoning_effort").locator("code", has_text="minimal")).to_be_visible()
        content = field(route, "messages", "tool_call_id")
        expect(content).to_be_hidden()
        route.get_by_text("role: tool", exact=False).first.click()
        expect(content).to_be_visible()
        expect(route.get_by_role("heading", name="Answer 200")).to_be_visible()
        expect(route.locator("h4:text-is('Errors') + .fields > li")).to_have_count(2)


REFERENCE = "#/components/schemas/"
SCHEMAS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "string"}, {"type": "string", "orNull": False, "limits": []}),
    ({"type": ["integer", "null"], "minimum": 1, "maximum": 9}, {"type": "integer", "limits": ["1 to 9"]}),
    ({"enum": ["a", "b", None]}, {"type": "string", "limits": ["`a`, `b`"]}),
    ({"const": 5, "description": "Five."}, {"type": "number", "limits": ["`5`"], "meaning": "Five."}),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "orNull": True}),
    ({"type": "array", "items": {"type": "integer"}}, {"type": "array of integers"}),
    ({"type": "array", "maxItems": 1}, {"type": "array", "limits": ["at most 1 item"]}),
    (
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]}},
        {"type": "array of (string or array of numbers)"},
    ),
    ({}, {"type": "anything", "shapes": []}),
    ({"type": "string", "pattern": "^_a*b*$"}, {"limits": ["matches `^_a*b*$`"]}),
    ({"type": "object", "additionalProperties": {"type": "number"}}, {"limits": ["each value number"]}),
    ({"type": "boolean", "default": True}, {"limits": ["`true` if it is absent"]}),
    ({"type": "string", "not": {"enum": ["a"]}, "minLength": 2}, {"limits": ["not `a`", "at least 2 characters"]}),
    ({"$ref": REFERENCE + "Text"}, {"type": "string", "meaning": "A text."}),
]
NAMED = {
    "Text": {"type": "string", "description": "A text."},
    "Tree": {"type": "object", "properties": {"under": {"type": "array", "items": {"$ref": REFERENCE + "Tree"}}}},
}


def test_schemas_in_words(browser: Browser) -> None:
    with shown(browser) as page:
        for schema, expected in SCHEMAS:
            told = page.module("fields", "module.read(value[0], value[1])", [schema, NAMED])
            assert {name: told[name] for name in expected} == expected, schema


def test_a_schema_that_holds_itself_ends(browser: Browser) -> None:
    with shown(browser) as page:
        use = "module.namesIn(module.read(value[0], value[1]).shapes)"
        assert page.module("fields", use, [{"$ref": REFERENCE + "Tree"}, NAMED]) == ["under"]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="runs what the page shows")
def test_every_example_works_as_it_stands(browser: Browser) -> None:
    with shown(browser) as page:
        routes = page.page.locator(".route").evaluate_all(
            "all => all.map(one => [one.id, one.querySelector('.code-block code').textContent])"
        )
        failed = {name: status for name, text in routes if (status := run(text)) != 200}
    kept = {name for name, _ in routes if "response-id" in name or "request-id" in name}
    refused = {"delete-api-delete", *(f"post-api-{name}" for name in ("pull", "push", "create", "copy"))}
    no_host = {"get-v1-tools", "post-v1-tools-execute"}
    assert failed == dict.fromkeys(kept | no_host, 404) | dict.fromkeys(refused, 400)


def run(text: str) -> int:
    command = text + " -s -o /dev/null -w '%{http_code}'"
    return int(subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20, check=True).stdout)


def test_examples_for_other_shells_and_with_a_key(browser: Browser) -> None:
    route = {"method": "DELETE", "path": "/v1/{response_id}", "body": None}
    about = {"origin": "http://a:1", "keyed": True, "windows": False}
    body = {"properties": {"kind": {"enum": [None, "it's"]}}, "required": ["kind"]}
    with shown(browser) as page:
        curl = "module.curlOf(value[0], value[1])"
        assert page.module("example", curl, [route, about]) == (
            'curl -X DELETE http://a:1/v1/RESPONSE_ID \\\n  -H "Authorization: Bearer $LOCALSWARM_API_KEY"'
        )
        windows = page.module("example", curl, [route | {"method": "POST", "body": body}, about | {"windows": True}])
        assert windows.startswith("""'{"kind":"it''s"}' | curl.exe http://a:1/v1/RESPONSE_ID `\n""")
        assert "Bearer $env:" in windows and windows.endswith('-d "@-"')
        shell = page.module("example", curl, [route | {"method": "POST", "body": body}, about])
        assert shell.endswith("""-d '{"kind":"it'\\''s"}'""")


def test_an_example_is_copied(browser: Browser) -> None:
    with shown(browser, "#get-health", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.page.locator("#get-health").get_by_role("button", name="Copy").click()
        expect(page.page.locator("#spoken")).to_have_text("Copied")
        assert page.page.evaluate("navigator.clipboard.readText()") == f"curl {page.url}/health"


def test_the_filter(browser: Browser) -> None:
    with shown(browser) as page:
        said = page.page.get_by_role("status").filter(has_text="route")
        box = page.page.get_by_role("searchbox", name="Filter the routes")
        whole = said.inner_text()
        box.fill("thinking_BUDGET post")
        expect(said).to_contain_text(f" of {whole}")
        expect(page.page.locator(f"#{CHAT}")).to_be_visible()
        expect(page.page.locator("#get-health")).to_be_hidden()
        expect(page.page.get_by_role("heading", name="LM Studio")).to_be_hidden()
        box.fill("no such thing")
        expect(said).to_have_text("No route fits")
        box.press("Escape")
        expect(said).to_have_text(whole)


def test_anchors(browser: Browser) -> None:
    with shown(browser, "#get-health") as page:
        expect(page.page.locator("#get-health .body")).to_be_in_viewport()
        page.page.get_by_label("Filter the routes").fill("embeddings")
        page.page.evaluate("location.hash = 'get-v1-models'")
        expect(page.page.locator("#get-v1-models .body")).to_be_in_viewport()
        other = page.page.locator("#post-tokenize > summary")
        other.focus()
        other.press("Enter")
        expect(page.page.locator("#post-tokenize .body")).to_be_visible()
        page.page.wait_for_url("**/docs#post-tokenize")
        page.page.goto(f"{page.url}/docs#no-such-route")
        expect(page.page.locator("#get-health")).to_be_visible()


def test_the_page_is_open_but_what_it_shows_needs_the_key(browser: Browser) -> None:
    with served(ScriptedMember(), key=KEY) as url, opened(browser, url) as page:
        assert httpx.get(f"{url}/docs").status_code == 200
        assert httpx.get(f"{url}/openapi.json").status_code == 401
        page.page.goto(f"{url}/docs")
        page.press("Later")
        expect(page.page.get_by_role("alert")).to_contain_text("only to those who have its key")
        page.press("Enter the key")
        dialog = page.page.get_by_role("dialog")
        for key in ("wrong", KEY):
            dialog.get_by_label("API key").fill(key)
            dialog.get_by_label("API key").press("Enter")
            if key == "wrong":
                expect(dialog).to_contain_text("refused")
        expect(page.page.locator(f"#{CHAT} .code-block code")).to_contain_text("Bearer $LOCALSWARM_API_KEY")
        assert KEY not in page.page.content()
        page.problems = [problem for problem in page.problems if "401" not in problem]


def test_a_node_that_is_gone_can_be_asked_again(browser: Browser) -> None:
    with served(ScriptedMember()) as url, opened(browser, url) as page:
        page.page.route("**/openapi.json", lambda asked: asked.abort())
        page.page.goto(f"{url}/docs")
        expect(page.page.get_by_role("alert")).to_contain_text("cannot be reached")
        page.page.unroute("**/openapi.json")
        page.press("Try again")
        expect(page.page.locator("#get-health")).to_be_visible()
        page.problems = [problem for problem in page.problems if "ERR_FAILED" not in problem]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, scheme: str) -> None:
    with shown(browser, viewport=PHONE, color_scheme=scheme) as page:
        page.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        assert page.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        back = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", back)[:3])) < 200) == (scheme == "dark")


def test_everything_that_can_be_pressed_has_a_name(browser: Browser) -> None:
    with shown(browser) as page:
        page.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        tree = page.page.locator("body").aria_snapshot()
        for role in ("button", "link", "searchbox"):
            assert not re.search(rf"- {role}(:| *$| \[)", tree, re.MULTILINE), role
        levels = page.page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_file_names_no_other_place_and_holds_no_code_or_style() -> None:
    text = (FOLDER / "docs.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address == "#filter" or address.split("#")[0] in PATHS
    assert "//" not in (FOLDER / "docs.css").read_text(encoding="utf-8")

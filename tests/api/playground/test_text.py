"""How the page shows what a model writes: as text with a few marks, and never as anything that acts."""

from collections.abc import Iterator
from typing import Any

import pytest
from localswarm.chat import Accepted, Finished, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from playwright.sync_api import Browser, expect

from ...swarm.scripted import ScriptedMember, Step
from ..serving import served
from .page import Playground, opened

HOSTILE = [
    "<img src=x onerror=\"alert('img')\">",
    "<script>alert('script')</script>",
    "[click](javascript:alert('link'))",
    "[click](<javascript:alert('link')>)",
    "[click](data:text/html,<script>alert(1)</script>)",
    "![picture](https://tracker.example/pixel.png)",
    '<https://evil.example/" onmouseover="alert(1)>',
    "`<svg onload=alert(1)>`",
    '```html\n<iframe src="javascript:alert(1)"></iframe>\n```',
    "| <b>a</b> |\n|---|\n| <img src=x onerror=alert(1)> |",
]


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[Playground]:
    with served(ScriptedMember()) as url, opened(browser, url) as page:
        yield page


def markup(page: Playground, text: str) -> Any:
    use = "(() => { const one = new module.Markdown(); one.show(value); return one.element.innerHTML })()"
    return page.module("markdown", use, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "<p>plain</p>"),
        ("two\nlines\n\nand more", "<p>two\nlines</p><p>and more</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("__bold__ and _italic_", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("**bold with *italic* in it**", "<p><strong>bold with <em>italic</em> in it</strong></p>"),
        ("2 * 3 * 4, snake_case_name, a ** b", "<p>2 * 3 * 4, snake_case_name, a ** b</p>"),
        ("`a < b` and ``c ` d``", "<p><code>a &lt; b</code> and <code>c ` d</code></p>"),
        (r"\*not italic\*", "<p>*not italic*</p>"),
        ("# One\n### Three", "<h3>One</h3><h5>Three</h5>"),
        ("- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("- a\n\n- b\n\nafter", "<ul><li>a</li><li>b</li></ul><p>after</p>"),
        ("> quoted\n> still", "<blockquote><p>quoted\nstill</p></blockquote>"),
        ("above\n\n---\n\nbelow", "<p>above</p><hr><p>below</p>"),
        ("unclosed **bold", "<p>unclosed **bold</p>"),
    ],
)  # fmt: skip
def test_marks(shown: Playground, text: str, expected: str) -> None:
    assert markup(shown, text) == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[here](https://example.org/a_(b)?c=d&e)", "https://example.org/a_(b)?c=d&e"),
        ("see https://example.org/path.", "https://example.org/path"),
        ("[write](mailto:a@example.org)", "mailto:a@example.org"),
    ],
)
def test_links_lead_away_without_telling_where_from(shown: Playground, text: str, address: str) -> None:
    use = """(() => { const one = new module.Markdown(); one.show(value); const a = one.element.querySelector('a');
        return [a.getAttribute('href'), a.rel, a.target] })()"""
    assert shown.module("markdown", use, text) == [address, "noopener noreferrer nofollow", "_blank"]


@pytest.mark.parametrize(
    "fence", ["```python\nx = 1\n\ny = 2\n```", "```python\nx = 1\n\ny = 2", "~~~python\nx = 1\n\ny = 2\n~~~"]
)
def test_a_code_block_also_while_it_is_open(shown: Playground, fence: str) -> None:
    use = "module.blocksOf(value).map(({ kind, language, text }) => [kind, language, text])"
    assert shown.module("blocks", use, fence) == [["code", "python", "x = 1\n\ny = 2"]]


REBUILT = r"""(() => {
    const one = new module.Markdown();
    one.show("first\n\nsec");
    const first = one.element.firstChild;
    one.show("first\n\nsecond");
    return [one.element.firstChild === first, one.element.textContent];
})()"""


def test_only_the_last_block_is_built_anew(shown: Playground) -> None:
    assert shown.module("markdown", REBUILT) == [True, "firstsecond"]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "**a " * 50_000, "`" * 100_001, "> " * 50_000, "- " * 50_000, "_a" * 50_000, "|" * 50_000 + "\n|-"],
)
def test_a_text_of_marks_only_takes_no_time(shown: Playground, text: str) -> None:
    use = """(() => { const began = performance.now(); const one = new module.Markdown(); one.show(value);
        return performance.now() - began })()"""
    assert shown.module("markdown", use, text) < 2000


@pytest.mark.parametrize("cut", range(1, 12))
def test_events_however_they_are_cut(shown: Playground, cut: int) -> None:
    sent = 'data: {"a":"\u00e9\u4e16"}\r\n\r\n: comment\n\nevent: x\ndata: one\ndata:two\n\ndata: [DONE]\n\n'
    use = """(async () => { const bytes = new TextEncoder().encode(value[0]); const pieces = [];
        for (let at = 0; at < bytes.length; at += value[1]) pieces.push(bytes.slice(at, at + value[1]));
        const body = new ReadableStream({ start(to) { pieces.forEach((one) => to.enqueue(one)); to.close() } });
        const found = []; for await (const data of module.events(body)) found.push(data); return found })()"""
    assert shown.module("events", use, [sent, cut]) == ['{"a":"\u00e9\u4e16"}', "one\ntwo", "[DONE]"]


def test_hostile_text_does_nothing(browser: Browser) -> None:
    everything = "\n\n".join(HOSTILE)
    call = [
        ToolCallDelta(0, "", "call_1", "<img src=x onerror=alert(1)>"),
        ToolCallDelta(0, '{"a": "<script>alert(1)</script>"}'),
    ]
    steps: list[Step] = [Accepted(1, (HOSTILE[0],)), ThinkingDelta(everything), TextDelta(everything), *call]
    member = ScriptedMember([*steps, Finished("tool_calls", Usage(1, 1))])
    with served(member) as url, opened(browser, url) as page:
        for _ in range(2):
            page.ask(HOSTILE[0])
            page.ended()
        page.page.reload()
        expect(page.text).to_contain_text("<img src=x onerror=")
        for link in page.page.locator("article a").all():
            assert (link.get_attribute("href") or "").startswith("https://")
        assert page.page.locator("article :is(img, script, iframe, [onerror], [onmouseover])").count() == 0

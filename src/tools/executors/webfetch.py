"""`webfetch`: a page of the public web as text."""

import re

from ..keeping import cleaned
from ..texts import Texts
from ..tool import Arguments, Output, Scope, Tool
from ..web.fetching import LONGEST, Page, Web
from ..web.readable import readable
from .threads import beside

ROOM = 24_000  # characters
PAGES = ("text/html", "application/xhtml+xml")
# The names that browsers know. Python knows others, some of which take time that grows with the square.
CHARSETS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-?\d+|latin-?[1-9]|(windows|cp)-?(12\d\d|93[26])|koi8-?[ru]|"
    r"mac(-?roman|intosh)|gb-?(2312|k|18030)|big5(-?hkscs)?|euc-?(jp|kr)|shift[-_]?jis|sjis|iso-?2022-?(jp|kr)|tis-?620"
)
TEXTS = ("json", "xml", "javascript", "yaml", "toml")
SCHEMA = {
    "type": "object",
    "properties": {"url": {"type": "string", "minLength": 8, "maxLength": LONGEST}},
    "required": ["url"],
}


def webfetch(web: Web, texts: Texts) -> Tool:
    async def run(arguments: Arguments, scope: Scope) -> Output:
        page = await web.fetch(arguments["url"])
        said = await beside(_text, page)
        more = "\n[the rest of the page is left out]" if len(said) > ROOM else ""
        return Output(f"[{page.url}, status {page.status}]\n{said[:ROOM]}{more}", failed=page.status >= 400)

    # What a page talks a model into fetching may carry away what was read before: the user is asked.
    description, schema = texts.of("webfetch", SCHEMA)
    return Tool("webfetch", description, schema, run, "ask")


def _text(page: Page) -> str:
    if page.kind not in PAGES and not page.kind.startswith("text/") and not page.kind.endswith(TEXTS):
        return f"[{page.kind}, {len(page.content)} bytes that are not shown]"
    said = cleaned(_as_utf8(page))
    return readable(said) if page.kind in PAGES else said


def _as_utf8(page: Page) -> bytes:
    charset = page.charset.strip().lower()
    if not CHARSETS.fullmatch(charset):
        return page.content
    try:
        return page.content.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        return page.content

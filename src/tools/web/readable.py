"""HTML to text that can be read. Pure, and in time that grows with the length alone, whatever was sent."""

import re
from html import unescape

# The number of a character with more digits is that of none, and Python refuses to read one with thousands.
LONG_NUMBER = re.compile(r"&#[0-9]{8,};?")
MARK = re.compile(r"<(?=[a-zA-Z/!?])")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
SPACE = re.compile(r"\s+")
LEFT_OUT = {"script", "style", "noscript", "template", "svg", "nav", "footer", "iframe", "select", "textarea", "object"}
CLOSING = {name: re.compile(rf"</{name}[\s>/]", re.IGNORECASE) for name in LEFT_OUT}
BLOCKS = {
    "title", "p", "div", "section", "article", "main", "header", "aside", "ul", "ol", "dl", "dt", "dd", "table", "tr",
    "pre", "blockquote", "form", "figure", "figcaption", "br", "hr", "body", "h1", "h2", "h3", "h4", "h5", "h6", "li",
}  # fmt: skip
BEGINNINGS = {"li": "- ", **{f"h{level}": "#" * level + " " for level in range(1, 7)}}
CELLS = {"td", "th"}


def readable(html: str) -> str:
    page = _Page()
    at = 0
    while mark := MARK.search(html, at):
        page.text(html[at : mark.start()])
        at = _tag(page, html, mark.start())
        if at < 0:
            return page.whole()
    page.text(html[at:])
    return page.whole()


def _tag(page: "_Page", html: str, start: int) -> int:
    """Where the text goes on; -1 where what begins here has no end."""
    if html.startswith("<!--", start):
        return _behind(html, "-->", start + 4)
    match = TAG.match(html, start)
    if match is None:
        return _behind(html, ">", start)
    closes, name = bool(match[1]), match[2].lower()
    end = _behind(html, ">", start)
    if name in LEFT_OUT and not closes and end >= 0:
        closing = CLOSING[name].search(html, end)
        return _behind(html, ">", closing.start()) if closing else -1
    page.tag(name, closes)
    return end


def _behind(html: str, mark: str, start: int) -> int:
    found = html.find(mark, start)
    return found + len(mark) if found >= 0 else -1


class _Page:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._as_it_is = False

    def text(self, text: str) -> None:
        text = unescape(LONG_NUMBER.sub("\ufffd", text))
        self._line.append(text if self._as_it_is else SPACE.sub(" ", text))

    def tag(self, name: str, closes: bool) -> None:
        if name in CELLS:
            self._line.append(" | " if closes else "")
        if name not in BLOCKS:
            return
        self._end_line()
        if name == "pre":
            self._as_it_is = not closes
        if not closes:
            self._line.append(BEGINNINGS.get(name, ""))

    def whole(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        line = line.strip("\n") if self._as_it_is else SPACE.sub(" ", line).strip().removesuffix(" |")
        if line.strip(" #-"):
            self._lines.append(line)

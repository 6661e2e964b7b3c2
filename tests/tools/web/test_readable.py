import time

import pytest
from localswarm.tools.web.readable import readable

PAGE = """<!DOCTYPE html><html><head><title>The title</title><style>p { color: red }</style>
<script>alert("<p>no</p>")</script></head><body><nav><ul><li>Menu</ul></nav>
<h1>First &amp; foremost</h1><p>Some <b>bold</b>
   text,<br>and more.</p><!-- <p>hidden</p> -->
<ul><li>one<li>two <a href="x">link</a></ul>
<pre>def f():
    return 1 &lt; 2
</pre><table><tr><td>a</td><td>b</td></tr></table><SCRIPT>x</SCRIPT >the end 3 < 4<footer>x</footer></body></html>"""


def test_a_page() -> None:
    assert readable(PAGE).splitlines() == [
        "The title", "# First & foremost", "Some bold text,", "and more.", "- one", "- two link", "def f():",
        "    return 1 < 2", "a | b", "the end 3 < 4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "piece", ["<", "&#99999999999;", "<a ", "<!--", "<script>", "<p>", "<li>x", "&#", "</", "<pre>", "<a b='"]
)
def test_nothing_takes_long(piece: str) -> None:
    begun = time.monotonic()
    readable(piece * (2**20 // len(piece)))
    assert time.monotonic() - begun < 15


def test_a_number_of_no_character() -> None:
    assert readable(f"<p>before &#{'9' * 10_000}; &#65; &#x{'f' * 10_000};</p>").startswith("before \ufffd A")

"""The figures as a picture: what was right in each way, and how often the vote was right when it was how sure. Pure."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from .figures import Share, share
from .row import Way
from .summary import Figures
from .words import NAMES

# Told apart by those who see few colours, and in grey.
COLOURS: dict[Way, str] = {"one": "#7a7a7a", "vote": "#0072b2", "adaptive": "#d55e00"}
POSSIBLE = "#000000"
TOP, BOTTOM = 50, 40
LEFT, WIDE, GAP = 100, 380, 90
ROW = 16
GROUP = ROW * len(COLOURS) + 14
SQUARE = 240


def draw(found: Sequence[Figures], title: str) -> str:
    high = max(GROUP * len(found), SQUARE)
    width, height = LEFT + WIDE + GAP + SQUARE + 30, TOP + high + BOTTOM
    parts = [*_title(title), *_shares(found, high), *_sureness(found[-1], LEFT + WIDE + GAP)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return "\n".join([f'{head} font-family="sans-serif" font-size="11">', *_paper(width, height), *parts, "</svg>", ""])


def _paper(width: int, height: int) -> Iterator[str]:
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'


def _title(title: str) -> Iterator[str]:
    yield _text(10, 18, title, "start", 'font-weight="bold"')
    at = float(LEFT)
    for way, name in NAMES.items():
        yield f'<circle cx="{at}" cy="34" r="4" fill="{COLOURS[way]}"/>'
        yield _text(at + 8, 38, name, "start")
        at += 95
    yield _line(at, 29, at, 39, POSSIBLE, 2)
    yield _text(at + 6, 38, "some candidate right", "start")


def _shares(found: Sequence[Figures], high: int) -> Iterator[str]:
    """For each set a dot for each way, with its confidence interval, and a stroke for what was possible."""
    for percent in range(0, 101, 20):
        x = _across(percent / 100)
        yield _line(x, TOP, x, TOP + high, "#dddddd", 1)
        yield _text(x, TOP + high + 15, f"{percent} %", "middle")
    for at, one in enumerate(found):
        top = TOP + GROUP * at + ROW
        yield _text(LEFT - 10, top + ROW, f"{one.set} ({one.count})", "end")
        for row, way in enumerate(COLOURS):
            yield from _dot(one.right[way], top + ROW * row, COLOURS[way])
        x = _across(one.possible.value)
        yield _line(x, top - 6, x, top + ROW * (len(COLOURS) - 1) + 6, POSSIBLE, 2)


def _dot(share: Share, y: float, colour: str) -> Iterator[str]:
    yield _line(_across(share.low), y, _across(share.high), y, colour, 2)
    yield f'<circle cx="{_across(share.value):.1f}" cy="{y}" r="4" fill="{colour}"/>'


def _sureness(figures: Figures, left: float) -> Iterator[str]:
    """On the line the vote is as sure as it is right."""
    base = TOP + SQUARE
    yield f'<rect x="{left}" y="{TOP}" width="{SQUARE}" height="{SQUARE}" fill="none" stroke="#dddddd"/>'
    yield _line(left, base, left + SQUARE, TOP, "#dddddd", 1)
    yield _text(left + SQUARE / 2, base + 15, "agreement of the vote", "middle")
    yield _text(left + SQUARE / 2, TOP - 6, "how often it was right", "middle")
    for band in figures.agreement.bands:
        if band.count:
            x = left + SQUARE * (band.low + band.high) / 2
            known = share(band.right, band.count)
            yield _line(x, base - SQUARE * known.low, x, base - SQUARE * known.high, COLOURS["vote"], 2)
            yield f'<circle cx="{x:.1f}" cy="{base - SQUARE * known.value:.1f}" r="4" fill="{COLOURS["vote"]}"/>'
            yield _text(x + 7, base - SQUARE * known.value + 4, str(band.count), "start")


def _across(part: float) -> float:
    return LEFT + WIDE * part


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: int) -> str:
    ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, said: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(said)}</text>'

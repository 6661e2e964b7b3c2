"""The picture: whole SVG, with everything inside its edges."""

from xml.etree import ElementTree

from localswarm.cli.quality.picture import COLOURS, draw
from localswarm.cli.quality.summary import every

from .answers import ROWS

SVG = "{http://www.w3.org/2000/svg}"


def test_it_shows_all_figures() -> None:
    picture = ElementTree.fromstring(draw(every(ROWS, ["sums", "calls"]), "a <model> & more"))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert texts[0] == "a <model> & more" and {"sums (4)", "calls (2)", "all (6)"} <= set(texts)
    dots = [dot.get("fill") for dot in picture.iter(f"{SVG}circle")]
    # A key, three sets, and four bands of agreement.
    assert {colour: dots.count(colour) for colour in COLOURS.values()} == {
        COLOURS["one"]: 4,
        COLOURS["vote"]: 8,
        COLOURS["adaptive"]: 4,
    }


def test_nothing_lies_outside() -> None:
    picture = ElementTree.fromstring(draw(every(ROWS * 20, ["sums", "calls"]), "title"))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for part in picture.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y1", height), ("cy", height)):
            assert 0 <= float(part.get(name, 0)) <= most


def test_the_same_figures_give_the_same_picture() -> None:
    found = every(ROWS, ["sums"])
    assert draw(found, "title") == draw(found, "title")

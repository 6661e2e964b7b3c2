"""Small projects that something is to be done in: a file is missing, and a test fails. Each is of another kind."""

from collections.abc import Mapping
from dataclasses import dataclass

RUN = "python3 -m unittest"
WISH = (
    "In this project, create the file {made}: {what}. Then run the tests with `{run}`, find the bug that makes them "
    "fail, fix it in {wrong}, and run the tests again until they pass. Do not change the tests."
)
HEAD = "import unittest\n\n"


@dataclass(frozen=True, slots=True)
class Project:
    """`hidden`: more tests, for the checker alone."""

    name: str
    made: str
    what: str
    wrong: str
    files: Mapping[str, str]
    hidden: str

    @property
    def wish(self) -> str:
        return WISH.format(made=self.made, what=self.what, run=RUN, wrong=self.wrong)

    @property
    def tests(self) -> Mapping[str, str]:
        return {name: text for name, text in self.files.items() if name.startswith("test_")}


def _test(imports: str, *lines: str) -> str:
    body = "".join(f"    def test_{number}(self):\n        {line}\n\n" for number, line in enumerate(lines, 1))
    return f"{HEAD}{imports}\n\n\nclass Test(unittest.TestCase):\n{body}".rstrip() + "\n"


PROJECTS = (
    Project(
        "mean",
        "area.py",
        "it has a function area(width, height) that returns width times height",
        "mean.py",
        {
            "mean.py": '"""Averages."""\n\n\ndef mean(values):\n    return sum(values) / (len(values) + 1)\n',
            "test_mean.py": _test("from mean import mean", "self.assertEqual(mean([1, 2, 3]), 2)"),
            "test_area.py": _test("from area import area", "self.assertEqual(area(2, 3), 6)"),
        },
        _test(
            "from area import area\nfrom mean import mean",
            "self.assertEqual(mean([4]), 4)",
            "self.assertEqual(mean([1, 2]), 1.5)",
            "self.assertEqual(area(7, 5), 35)",
        ),
    ),
    Project(
        "words",
        "shout.py",
        "it has a function shout(text) that returns the text in capital letters with an exclamation mark behind it",
        "words.py",
        {
            "words.py": 'def initials(name):\n    """The first letter of each word."""\n'
            '    return "".join(word[1] for word in name.split())\n',
            "test_words.py": _test("from words import initials", 'self.assertEqual(initials("Ada Lovelace"), "AL")'),
            "test_shout.py": _test("from shout import shout", 'self.assertEqual(shout("hello"), "HELLO!")'),
        },
        _test(
            "from shout import shout\nfrom words import initials",
            'self.assertEqual(initials("Jean Luc Picard"), "JLP")',
            'self.assertEqual(initials(""), "")',
            'self.assertEqual(shout("a b"), "A B!")',
        ),
    ),
    Project(
        "pages",
        "clamp.py",
        "it has a function clamp(value, low, high) that returns low for values below low, high for values above high, "
        "and else the value",
        "pages.py",
        {
            "pages.py": "def page(items, number, size=2):\n"
            '    """The items of a page; the first page has number 1."""\n'
            "    start = number * size\n    return items[start : start + size]\n",
            "test_pages.py": _test("from pages import page", "self.assertEqual(page([1, 2, 3, 4, 5], 1), [1, 2])"),
            "test_clamp.py": _test("from clamp import clamp", "self.assertEqual(clamp(12, 0, 10), 10)"),
        },
        _test(
            "from clamp import clamp\nfrom pages import page",
            "self.assertEqual(page([1, 2, 3, 4, 5], 3), [5])",
            "self.assertEqual(page([1, 2, 3], 1, 3), [1, 2, 3])",
            "self.assertEqual([clamp(n, 0, 10) for n in (-1, 5, 11)], [0, 5, 10])",
        ),
    ),
    Project(
        "shop",
        "shop/vat.py",
        "it has a function with_vat(price) that returns the price times 1.25",
        "shop/cart.py",
        {
            "shop/__init__.py": "",
            "shop/cart.py": "class Cart:\n    def __init__(self):\n        self.prices = []\n\n"
            "    def add(self, price, count=1):\n        self.prices.append(price)\n\n"
            "    def total(self):\n        return sum(self.prices)\n",
            "test_cart.py": _test(
                "from shop.cart import Cart", "cart = Cart(); cart.add(3, 2); self.assertEqual(cart.total(), 6)"
            ),
            "test_vat.py": _test("from shop.vat import with_vat", "self.assertEqual(with_vat(100), 125)"),
        },
        _test(
            "from shop.cart import Cart\nfrom shop.vat import with_vat",
            "cart = Cart(); cart.add(5); cart.add(2, 3); self.assertEqual(cart.total(), 11)",
            "self.assertEqual(with_vat(8), 10)",
        ),
    ),
    Project(
        "settings",
        "defaults.json",
        'it holds the JSON object {"port": 8080, "host": "localhost"}',
        "settings.py",
        {
            "settings.py": "import json\nfrom pathlib import Path\n\n"
            'FILE = Path(__file__).with_name("defaults.json")\n\n\n'
            'def load(own):\n    """The defaults, with what the user has set instead."""\n'
            '    defaults = json.loads(FILE.read_text(encoding="utf-8"))\n    return {**own, **defaults}\n',
            "test_settings.py": _test(
                "from settings import load",
                'self.assertEqual(load({})["port"], 8080)',
                'self.assertEqual(load({"port": 1})["port"], 1)',
            ),
        },
        _test(
            "from settings import load",
            'self.assertEqual(load({"host": "h"}), {"port": 8080, "host": "h"})',
            'self.assertEqual(load({"x": 2}), {"port": 8080, "host": "localhost", "x": 2})',
        ),
    ),
)

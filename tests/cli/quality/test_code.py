"""Code that is asked for, and what becomes of it when it runs."""

import os

import pytest
from localswarm.cli.quality.code import Runner, question, written
from localswarm.cli.quality.question import Asserts
from localswarm.tools.sandbox import NoSandbox, find

ADDS = Asserts(("assert add(1, 2) == 3", "assert add(0, 0) == 0"))
GOOD = "def add(a, b):\n    return a + b\n"


@pytest.fixture(scope="module")
def runner() -> Runner:
    try:
        return Runner(find())
    except NoSandbox as error:
        if "CI" in os.environ:
            raise
        pytest.skip(error.message)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        (f"```python\n{GOOD}```", True),
        (GOOD, True),
        (f"{GOOD}\nif __name__ == '__main__':\n    print(add(int(input()), 1))", True),
        (f"```python\n{GOOD.replace('+', '-')}```", False),
        ("Here it is: add them.", False),
        ("", False),
        (f"{GOOD}import sys\nsys.exit(0)", False),
        (f"{GOOD}import os\nos._exit(0)", False),
        (f"{GOOD}while True: pass", False),
        ("def add(a, b):\n    return open('/etc/passwd').read() and a + b", False),
    ],
)
def test_passes(runner: Runner, text: str, passes: bool) -> None:
    assert runner.passes(text, ADDS) is passes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def f(): pass", "def f(): pass"),
        ("So:\n```python\ndef f(): pass\n```\nand\n```\nf()\n```", "def f(): pass\n"),
        ("```\nf()\n```\n```py\ndef f(): pass\n```", "def f(): pass\n"),
        ("```python3\ndef f(): pass", "def f(): pass"),
        ("```\n1 + 1\n```", "1 + 1\n"),
    ],
)
def test_written(text: str, code: str) -> None:
    assert written(text) == code


def test_a_question() -> None:
    line = {"task_id": 11, "text": "Add.", "test_list": ["assert add(1, 2) == 3"], "test_setup_code": "x = 1"}
    asked = question(line, "{question}|{asserts}")
    assert asked.id == "mbpp_11" and asked.body["messages"][0]["content"] == "Add.|assert add(1, 2) == 3"
    assert asked.wanted == Asserts(("x = 1", "assert add(1, 2) == 3"))

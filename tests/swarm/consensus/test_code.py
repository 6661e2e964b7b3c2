"""Code in its canonical form."""

import pytest
from localswarm.swarm.consensus.code import block, key

ADD = "def add(a, b):\n    return a + b\n"
SAME_PYTHON = [
    ADD,
    "def add(x, y):\n    # the sum\n    return (x + y)\n",
    'def add(a, b):\n\n    """Adds."""\n\n    return a+b',
]
DIFFERENT_PYTHON = [
    ADD,
    "def add(a, b):\n    return b + a\n",
    "def sum(a, b):\n    return a + b\n",
    "def add(a, b):\n    return a + b + 17\n",
    "def add(a, b):\n    return a + b + 19\n",
    "def add(a, b=0):\n    return a + b\n",
    "a = 1\n",
    "b = 1\n",
]


@pytest.mark.parametrize("code", SAME_PYTHON)
def test_python_is_the_same_with_other_comments_spaces_and_local_names(code: str) -> None:
    assert key("python", code) == key("", ADD)


def test_python_that_does_something_else_is_not_the_same() -> None:
    assert len({key("python", code) for code in DIFFERENT_PYTHON}) == len(DIFFERENT_PYTHON)


def test_names_are_folded_scope_by_scope() -> None:
    one = "def f(xs):\n    total = 0\n    for x in xs:\n        total += g(x)\n    return [y * total for y in xs]\n"
    other = "def f(a):\n    s = 0\n    for i in a:\n        s += g(i)\n    return [q * s for q in a]\n"
    assert key("python", one) == key("python", other)
    assert key("python", one) != key("python", other.replace("g(i)", "h(i)"))
    inner = "def f(n):\n    def go(k):\n        return n + k\n    try:\n        go(1)\n    except E as e:\n"
    inner += "        raise e\n"
    renamed = inner.replace("go", "step").replace("k", "j").replace(" e\n", " it\n").replace("as e", "as it")
    assert key("python", inner) == key("python", renamed)
    assert key("python", inner) != key("python", inner.replace("n + k", "k + n"))


def test_names_of_an_outer_function_are_folded_in_the_inner_one() -> None:
    one = "def f():\n    n = 0\n    def go():\n        nonlocal n\n        n += 1\n    return go\n"
    other = "def f():\n    k = 0\n    def step():\n        nonlocal k\n        k += 1\n    return step\n"
    assert key("python", one) == key("python", other)
    assert key("python", one) != key("python", other.replace("nonlocal k", "k = 0"))
    assert key("python", "def f(x):\n    return x") != key("python", "def f(x):\n    return v0")


def test_globals_of_a_function_keep_their_names() -> None:
    one = "def f():\n    global count\n    count = 1\n"
    assert key("python", one) != key("python", one.replace("count", "total"))


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("js", "let a = 1; // one\nf(a);", "let a=1;\n/* x */ f( a );"),
        ("c", 'printf("a // b");', 'printf( "a // b" ) ;'),
        ("bash", "ls -la  # all\n\n\ncd /tmp", "ls -la\ncd /tmp\n"),
        ("sql", "SELECT 1 -- one\nFROM t", "SELECT 1\n  FROM t"),
        ("yaml", "a:\n  b: 1   \n\n", "a:\n  b: 1"),
    ],
)
def test_other_languages_are_the_same_without_comments_and_spaces(language: str, one: str, other: str) -> None:
    assert key(language, one) == key(language, other)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("js", 'f("a  b")', 'f("a b")'),
        ("js", "f(17)", "f(19)"),
        ("js", "a - -b", "a + b"),
        ("bash", "ls\ncd /tmp", "ls cd /tmp"),
        ("bash", "echo a b", "echo b a"),
        ("yaml", "a:\n  b: 1", "a:\nb: 1"),
        ("python", "def f(:\n  x", "def f(:\nx"),
        ("js", "f()", None),
    ],
)
def test_other_languages_differ_in_what_matters(language: str, one: str, other: str | None) -> None:
    assert key(language, one) != (key("c", one) if other is None else key(language, other))


def test_a_block_is_most_of_the_answer() -> None:
    fence = f"```python\n{ADD * 3}```"
    assert block(fence) == ("python", ADD * 3)
    assert block(f"Here it is:\n\n{fence}\nIt adds.") == ("python", ADD * 3)
    assert block(f"~~~\n{ADD}~~~") == ("", ADD)
    assert block(f"{'Many words about it. ' * 30}\n{fence}") is None
    assert block("```\n```") is None
    assert block("no code") is None


@pytest.mark.parametrize("code", ["(" * 5000, "a" + "+a" * 20_000, "x = '\\d'", "\0", "if 1:\n\tx\n        y"])
def test_hostile_python_is_no_harm(code: str) -> None:
    assert key("python", code)

import pytest
from localswarm.tools.files.patterns import matches


@pytest.mark.parametrize(
    "pattern, path, does",
    [
        ("*.py", "a.py", True), ("*.py", "deep/down/a.py", True), ("*.py", "a.pyc", False),
        ("src/*.py", "src/a.py", True), ("src/*.py", "src/b/a.py", False),
        ("src/**/*.py", "src/a.py", True), ("src/**/*.py", "src/b/c/a.py", True), ("src/**", "src/b/c", True),
        ("**/test_*", "test_a", True), ("**/test_*", "x/y/test_a", True), ("**", "any/thing", True),
        ("a?c", "abc", True), ("a?c", "a/c", False), ("[ab].txt", "b.txt", True), ("[!ab].txt", "b.txt", False),
        ("*.{js,ts}", "x/a.ts", True), ("*.{js,ts}", "a.css", False), ("a+b(c)", "a+b(c)", True), ("a.c", "abc", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, path: str, does: bool) -> None:
    assert matches(pattern, path) is does

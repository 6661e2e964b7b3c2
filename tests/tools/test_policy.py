import pytest
from localswarm.tools.policy import Rule, Rules, decide
from localswarm.tools.tool import Decision

OWN = (
    Rule("deny", "bash"), Rule("allow", "write", "docs/**"), Rule("deny", "*", "private/**"), Rule("ask", "read",
    "*.log"),
    Rule("allow", "read", ".env"),
)  # fmt: skip


@pytest.mark.parametrize(
    "tool, default, path, yes, decision",
    [
        ("read", "allow", "src/a.py", False, "allow"),
        ("write", "ask", "src/a.py", False, "ask"),
        ("write", "ask", "src/a.py", True, "allow"),
        ("write", "ask", "docs/deep/a.md", False, "allow"),
        ("bash", "ask", None, True, "deny"),
        ("read", "allow", "private/key", True, "deny"),
        ("write", "ask", "PRIVATE/key", True, "deny"),
        ("read", "allow", "deep/a.log", False, "ask"),
        ("read", "allow", ".ssh/id_rsa", True, "deny"),
        ("write", "ask", "sub/.env", True, "deny"),
        ("read", "allow", ".env", False, "allow"),
        ("python", "ask", None, False, "ask"),
        ("question", "deny", None, True, "deny"),
    ],
)
def test_decisions(tool: str, default: Decision, path: str | None, yes: bool, decision: Decision) -> None:
    assert decide(tool, default, path, Rules(OWN, yes)) == decision


def test_a_rule_for_paths_says_nothing_of_calls_without() -> None:
    assert decide("bash", "ask", None, Rules((Rule("allow", "*", "src/**"),))) == "ask"


@pytest.mark.parametrize("path, decision", [(".env", "deny"), ("a.py", "allow"), (None, "allow")])
def test_a_rule_for_all_paths_gives_no_secrets_away(path: str | None, decision: Decision) -> None:
    assert decide("write", "ask", path, Rules((Rule("allow", "write"),))) == decision


@pytest.mark.parametrize("rule", ["private", "a/private", "priv*", "PRIVATE", "a/priv*", "a", "."])
@pytest.mark.parametrize("decision", ["deny", "ask"])
def test_what_is_kept_is_kept_with_all_that_is_in_it(rule: str, decision: Decision) -> None:
    assert decide("read", "allow", "a/private/deep/key", Rules((Rule(decision, "read", rule),))) == decision


@pytest.mark.parametrize("rule", ["private", "a/private", "a", "."])
def test_what_is_allowed_is_allowed_by_its_own_name_alone(rule: str) -> None:
    assert decide("write", "ask", "a/private/deep/key", Rules((Rule("allow", "write", rule),))) == "ask"


def test_a_letter_may_be_written_in_two_ways() -> None:
    assert decide("read", "allow", "pru\u0308fung/a", Rules((Rule("deny", "read", "pr\u00fcfung/**"),))) == "deny"


@pytest.mark.parametrize(
    "rule, path, decision",
    [
        ("private/**", "private", "deny"),
        ("private/**", "PRIVATE", "deny"),
        ("**/private/**", "deep/private", "deny"),
        ("private/**", "deep/private", "allow"),
        ("private/**", "private.txt", "allow"),
        ("private/**", ".", "allow"),
        ("*/**", "file", "allow"),
        ("*/**", "deep/file", "deny"),
    ],
)
def test_what_keeps_all_that_is_in_a_folder_keeps_the_list_of_it(rule: str, path: str, decision: Decision) -> None:
    assert decide("list", "allow", path, Rules((Rule("deny", "*", rule),))) == decision


@pytest.mark.parametrize("path, decision", [("src/a.py", "allow"), ("SRC/a.py", "ask"), ("src", "ask")])
def test_what_is_given_is_given_under_this_name_alone(path: str, decision: Decision) -> None:
    assert decide("write", "ask", path, Rules((Rule("allow", "write", "src/**"),))) == decision

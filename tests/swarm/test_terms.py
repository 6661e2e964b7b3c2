import pytest
from localswarm.chat import ChatRequest, Policy, ResponseFormat, ToolChoice, ToolSpec
from localswarm.swarm.terms import Defaults, Terms, terms

TOOLS = (ToolSpec("read"),)


def asked(model: str = "swarm", **more: object) -> ChatRequest:
    return ChatRequest("r", model, (), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "strategy"),
    [
        (asked(tools=TOOLS), "auto"),
        (asked("Swarm:latest", tools=TOOLS), "auto"),
        (asked(response_format=ResponseFormat({})), "fast"),
        (asked(tools=TOOLS, response_format=ResponseFormat({})), "fast"),
        (asked(), "fast"),  # words are told while they are written
        (asked(tools=TOOLS, tool_choice=ToolChoice("none")), "fast"),
        (asked("swarm:fast", tools=TOOLS), "fast"),
        (asked("swarm:vote"), "vote"),
        (asked("a:1b", tools=TOOLS), "fast"),
        (asked("a:1b", policy=Policy(strategy="vote")), "vote"),
        (asked("swarm:vote", policy=Policy(strategy="fast")), "fast"),
        (asked(policy=Policy(strategy="synth")), "synth"),
        (asked("swarm:vote", policy=Policy(choices=2)), "fast"),
        (asked("swarm:vote", raw="once upon"), "fast"),
        (asked("swarm:vote", continue_last=True), "fast"),
    ],
)
def test_strategy(request_: ChatRequest, strategy: str) -> None:
    assert terms(request_, Defaults()).strategy == strategy


def test_settings_fill_in_what_a_request_leaves_open() -> None:
    defaults = Defaults("vote", 7, 2, 9.0)
    assert terms(asked(), defaults) == Terms("vote", 7, 2, False, 9.0)
    own = Policy(candidates=3, quorum=3, patience=0.0)
    assert terms(asked(policy=own), defaults) == Terms("vote", 3, 3, True, 0.0)
    assert terms(asked(policy=Policy(candidates=1)), defaults) == Terms("vote", 1, 1, False, 9.0)
    assert terms(asked(policy=Policy(quorum=9)), defaults) == Terms("vote", 9, 9, True, 9.0), "no less is asked for"


def test_one_candidate_is_nobody_else() -> None:
    assert terms(asked(policy=Policy(candidates=1)), Defaults("vote")).alone

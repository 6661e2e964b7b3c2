"""claude-code's variables; tests/agents runs the real one with them."""

from localswarm.cli.agents.claude import MODELS, configure

from .targets import FOLDERS, TARGET


def test_its_variables() -> None:
    said = configure(TARGET, FOLDERS).variables
    assert said["ANTHROPIC_BASE_URL"] == "http://10.0.0.7:17615", "it adds /v1/messages itself"
    assert said["ANTHROPIC_AUTH_TOKEN"] == "hush" and said["CLAUDE_CONFIG_DIR"] == str(FOLDERS.home)
    assert {said[name] for name in MODELS} == {"qwen3:8b:q4_k_m"}, "no kind of work goes to another model"
    assert (said["CLAUDE_CODE_MAX_CONTEXT_TOKENS"], said["CLAUDE_CODE_MAX_OUTPUT_TOKENS"]) == ("40960", "10240")


def test_nothing_leads_it_elsewhere() -> None:
    assert {"ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"} <= set(configure(TARGET, FOLDERS).without)

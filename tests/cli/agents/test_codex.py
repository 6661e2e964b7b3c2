"""codex' settings; tests/agents runs the real one with them."""

import tomllib

from localswarm.cli.agents.codex import configure

from .targets import FOLDERS, TARGET


def test_its_settings() -> None:
    setup = configure(TARGET, FOLDERS)
    assert set(setup.arguments[::2]) == {"-c"}
    said = tomllib.loads("\n".join(setup.arguments[1::2]))
    assert said["model"] == "qwen3:8b:q4_k_m" and said["model_context_window"] == 40_960
    assert said["model_providers"][said["model_provider"]] == {
        "name": "Local Swarm",
        "base_url": "http://10.0.0.7:17615/v1",
        "env_key": "LOCALSWARM_AGENT_KEY",
        "wire_api": "responses",
    }
    assert setup.variables == {"CODEX_HOME": str(FOLDERS.home), "LOCALSWARM_AGENT_KEY": "hush"}

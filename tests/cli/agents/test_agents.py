"""What holds for every agent."""

from dataclasses import replace

import pytest
from localswarm.cli.agents import AGENTS, Agent, Target

from .targets import FOLDERS, TARGET

EVERY = pytest.mark.parametrize("agent", AGENTS.values(), ids=list(AGENTS))


@EVERY
def test_it_is_told_the_address_the_model_and_the_key(agent: Agent) -> None:
    setup = agent.configure(TARGET, FOLDERS)
    told = "\n".join([*setup.arguments, *setup.variables.values(), *setup.files.values()])
    assert TARGET.url in told and TARGET.model in told and TARGET.key in told


@EVERY
def test_the_key_is_on_no_command_line(agent: Agent) -> None:
    """Every user of a machine can read those."""
    assert not any("hush" in word for word in agent.configure(TARGET, FOLDERS).arguments)


@EVERY
def test_files_go_to_the_scratch_folder_alone(agent: Agent) -> None:
    files = agent.configure(TARGET, FOLDERS).files
    assert all(file.is_relative_to(FOLDERS.scratch) for file in files)


@EVERY
def test_names_that_need_care_come_through(agent: Agent) -> None:
    odd = replace(TARGET, model='a "b" \\ é/c:1')
    setup, plain = agent.configure(odd, FOLDERS), agent.configure(TARGET, FOLDERS)
    assert setup.files.keys() == plain.files.keys() and len(setup.arguments) == len(plain.arguments)


@pytest.mark.parametrize(("context", "output"), [(16_384, 4096), (40_960, 10_240), (262_144, 32_000)])
def test_an_answer_leaves_most_of_a_small_context_to_the_prompt(context: int, output: int) -> None:
    assert Target("http://localhost:1", "m", context).output == output

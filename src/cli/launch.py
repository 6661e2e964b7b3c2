"""Start a coding agent in this folder that works with a node. Its configuration is made for it and for this run; your
own is neither read nor changed. What stands behind -- goes to the agent."""

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import settings as setting
from ..errors import SettingError, SwarmError
from ..node.config import prompt
from ..settings import Settings
from . import connect
from .agents import AGENTS, Agent, Folders, Setup, Target, proxy, shell
from .agents.agent import NO_KEY
from .client import Client, NodeFailed
from .foreground import run_in_foreground
from .status import WHOLE

EXAMPLES = """examples:
  python main.py launch opencode
  python main.py launch codex -- exec "Explain this repository."
  python main.py launch claude --print              what it would be started with
  python main.py launch qwen --url http://192.168.1.20:17615 --api-key-file key.txt
"""
SETTINGS = ("model", "host", "port", "state_dir")
HOMES = "agents"  # in the state folder: what agents keep for themselves
PRINTED = "printed"


class AgentMissing(SwarmError):
    """Its program is not on this machine."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", choices=tuple(AGENTS), help="the agent to start")
    connect.add_flags(parser)
    text = "show the configuration, the variables and the command, and start nothing"
    parser.add_argument("--print", dest="shown", action="store_true", help=text)


def run(settings: Settings, words: argparse.Namespace) -> int:
    agent = AGENTS[words.agent]
    address = connect.find(settings, words)
    model = _chosen(Client(address.url, address.key), settings.model)
    target = Target(address.url, model["id"], model["context_length"], address.key or NO_KEY, _instructions(agent))
    if target.context < agent.least_context:
        print(f"warning: {_too_small(agent, model)}", file=sys.stderr)
    if not words.shown:
        return _start(settings, agent, target, words.passed_on)
    folders = Folders(_home(settings, agent) / PRINTED, _home(settings, agent))
    hidden = {} if address.key_file is None else {target.key: shell.content_of(address.key_file)}
    print(shell.script(agent, _setup(agent, target, folders), folders, words.passed_on, hidden))
    return 0


def _start(settings: Settings, agent: Agent, target: Target, words: list[str]) -> int:
    program = shutil.which(agent.program)
    if program is None:
        raise AgentMissing(f"{agent.program} is not installed. It needs {agent.needs}; then: {agent.install}")
    with tempfile.TemporaryDirectory(prefix="localswarm-", ignore_cleanup_errors=True) as scratch:
        folders = Folders(Path(scratch), _home(settings, agent))
        setup = _setup(agent, target, folders)
        _write(setup, folders)
        theirs = {name: value for name, value in setting.environment().items() if name not in setup.without}
        return run_in_foreground([program, *setup.arguments, *words], {**theirs, **setup.variables})


def _instructions(agent: Agent) -> str:
    return prompt(agent.instructions).strip() if agent.instructions else ""


def _setup(agent: Agent, target: Target, folders: Folders) -> Setup:
    setup = agent.configure(target, folders)
    return replace(setup, variables={**setup.variables, **proxy.passed_by(setting.environment(), target.url)})


def _write(setup: Setup, folders: Folders) -> None:
    try:
        folders.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{folders.home} cannot be made ({error.strerror}). Take another --state-dir.") from None
    for file, text in setup.files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")


def _home(settings: Settings, agent: Agent) -> Path:
    return settings.state_dir.absolute() / HOMES / agent.name


def _chosen(client: Client, wanted: str | None) -> dict[str, Any]:
    every = client.models()
    models = [model for model in every if model["id"] not in WHOLE]
    if not models or not all(isinstance(model.get("context_length"), int) for model in models):
        raise client.foreign()
    if wanted is None:
        return models[0]
    for model in [*models, *every]:
        if model["id"].lower() == wanted.lower():
            return model
    there = ", ".join(model["id"] for model in every)
    raise NodeFailed(f"--model {wanted} is not served at {client.url}; there is: {there}.")


def _too_small(agent: Agent, model: dict[str, Any]) -> str:
    least = agent.least_context
    said = f"{agent.name} needs a context of {least} tokens, and {model['id']} is served with {model['context_length']}"
    trained = (model.get("meta") or {}).get("n_ctx_train")
    if isinstance(trained, int) and trained < least:
        return f"{said}, of at most {trained}. Serve another model: python main.py models --context {least}"
    # Its id may be the name of a file, which `--model` does not know.
    return f"{said}. Serve it with more: start its node again with --context {least}."

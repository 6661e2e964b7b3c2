"""The table of all settings: it makes the flags, the variables, the keys of a file, and their help."""

import argparse
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from . import kinds, machines, tools, upstreams
from .machines import SWARM_PORT, Pin, Place
from .tools import TOOL_PORT, Mount, ToolRule
from .upstreams import Upstream

PORT = 17615
# What a setting may say of votes, and a request.
MOST_CANDIDATES = 16
LONGEST_PATIENCE = 600
PREFIX = "LOCALSWARM_"
# It names the file, so it cannot stand in it.
CONFIG, CONFIG_FLAG, CONFIG_VARIABLE = "config", "--config", PREFIX + "CONFIG"

Use = Literal["coding", "chat"]
Kept = Literal["auto", "f16", "q8_0", "q4_0"]
Decide = Literal["auto", "freely", "first", "weighed"]
Strategy = Literal["auto", "fast", "vote"]
SelfTest = Literal["idle", "off"]
Engine = Literal["auto", "llamacpp", "mlx", "vllm"]


@dataclass(frozen=True, slots=True)
class Settings:
    auto: bool = False
    model: str | None = None
    use: Use = "coding"
    force: bool = False
    offline: bool = False
    models_dir: Path | None = None
    hub: str = "https://huggingface.co"
    host: str = "localhost"
    port: int = PORT
    state_dir: Path = Path()
    context: int = 0
    instances: int = 0
    threads: int = 0
    gpu_layers: int = -1
    engine: Engine = "auto"
    vllm_port: int = 0
    vllm_arguments: str | None = None
    kv: Kept = "auto"
    dialect: str | None = None
    decide: Decide = "auto"
    strategy: Strategy = "auto"
    candidates: int = 5
    quorum: int = 1
    patience: int = 0
    self_test: SelfTest = "idle"
    allow_origin: tuple[str, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    federation: bool = True
    join: str | None = None
    pair: Pin | None = None
    peer: tuple[Place, ...] = ()
    open: bool = False
    swarm_port: int = SWARM_PORT
    share_rate: int = 50
    shard: tuple[str, ...] = ()
    lend: bool = False
    tool_server: bool = False
    root: Path = Path()
    yes_tools: bool = False
    tool_port: int = TOOL_PORT
    tool_rule: tuple[ToolRule, ...] = ()
    tool_members: tuple[str, ...] = ()
    mcp: tuple[Mount, ...] = ()
    tool_host: str | None = None
    tool_key: str | None = None
    execute_client_tools: bool = False
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    parse: Callable[[str], Any]
    help: str
    placeholder: str = ""
    kind: type = str  # in a file; `list`: of texts, and the flag can be given several times
    choices: tuple[str, ...] = ()
    unset: str = ""  # what the default means, where it does not speak for itself
    secret: bool = False  # never shown; and never a flag, since flags are seen by every user of a machine, but for
    bare: str = ""  # what the flag means without a value; empty: it needs one
    once: bool = False  # what is only for one start: the command that starts the same again does not have it
    joint: str = ","  # between several texts of a list

    @property
    def has_flag(self) -> bool:
        return self.once or not self.secret

    @property
    def on(self) -> bool:
        """It is a yes where nobody says no."""
        return next(field.default for field in fields(Settings) if field.name == self.name) is True

    @property
    def shown_flag(self) -> str:
        """The one that changes something."""
        return self.no_flag if self.on else self.flag

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def no_flag(self) -> str:
        return "--no-" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def default(self) -> str:
        """In words; empty where there is none."""
        value = next(field.default for field in fields(Settings) if field.name == self.name)
        return self.unset or ("" if isinstance(value, bool) or value in (None, ()) else str(value))


def _yes_or_no(name: str, help: str) -> Option:
    return Option(name, kinds.truth, help, kind=bool)


def _count(name: str, least: int, most: int, help: str, placeholder: str = "N", unset: str = "") -> Option:
    return Option(name, kinds.number(least, most), help, placeholder, int, unset=unset)


def _choice(name: str, help: str, *known: str) -> Option:
    return Option(name, kinds.one_of(*known), help, choices=known)


OPTIONS = (
    _yes_or_no("auto", "take the best model for this machine and serve it"),
    Option("model", kinds.text, "serve this: name[:size[:quant]], a GGUF file, an MLX folder, or a hub repo", "MODEL"),
    _choice("use", "what the model is chosen for", "coding", "chat"),
    _yes_or_no("force", "take what was asked for although it may not fit"),
    _yes_or_no("offline", "use only what is on this machine already"),
    Option("models_dir", kinds.path, "keep downloaded models in this folder", "FOLDER", unset="the hub's own cache"),
    Option("hub", kinds.address, "download models from here", "URL"),
    Option("host", kinds.text, "listen on this address; beyond loopback an API key is required", "ADDRESS"),
    _count("port", 0, 65535, "listen on this port; 0 takes any free one"),
    Option(
        "state_dir",
        kinds.path,
        "keep logs, keys and the database of this node in this folder",
        "FOLDER",
        unset="by system",
    ),
    _count(
        "context", 128, 2**24, "tokens of one request, prompt and answer together", "TOKENS", "as memory and use want"
    ),
    _count(
        "instances", 1, 64, "seats: candidates that answer at once; they share one memory", unset="up to 8, as fits"
    ),
    _count(
        "threads",
        1,
        1024,
        "CPU threads of the engine, at most; it takes fewer when that is faster",
        unset="the cores that count",
    ),
    _count("gpu_layers", -1, 1000, "layers of the model that a GPU holds; -1: as many as fit", unset="as many as fit"),
    _choice(
        "engine",
        "what the model runs on; MLX is for Macs with Apple Silicon, and a GGUF file is converted for it once; vLLM is "
        "for GPUs under Linux, and is installed beside us",
        "auto",
        "llamacpp",
        "mlx",
        "vllm",
    ),
    _count(
        "vllm_port",
        0,
        65535,
        "vLLM listens on this port of this machine; one that serves the model there already is used",
        unset="any that is free",
    ),
    Option("vllm_arguments", kinds.text, "more words for the command `vllm serve`, in quotes", "WORDS"),
    _choice("kv", "how keys and values are kept; fewer bits leave room for more tokens", "auto", "f16", "q8_0", "q4_0"),
    Option(
        "dialect",
        kinds.text,
        "how the model calls tools, where its chat template misleads us",
        "NAME",
        unset="as its template says",
    ),
    _choice(
        "decide",
        "how a model that may call tools comes to a call: as it writes, by choosing first between talking and a tool, "
        "or by writing a call that is made if the request speaks for it; auto: weighed where it was never taught tools",
        "auto",
        "freely",
        "first",
        "weighed",
    ),
    _choice(
        "strategy",
        "when several answer a request for `swarm` and the best answer is chosen",
        "auto",
        "fast",
        "vote",
    ),
    _count("candidates", 1, MOST_CANDIDATES, "at most so many answer for one to be chosen"),
    _count("quorum", 1, MOST_CANDIDATES, "so many valid answers there should be before one is chosen"),
    _count(
        "patience",
        0,
        LONGEST_PATIENCE,
        "once one has answered others are waited for so long",
        "SECONDS",
        "by their speed",
    ),
    _choice(
        "self_test",
        "whether the model is asked some short questions, once and only while nobody else asks it anything",
        "idle",
        "off",
    ),
    Option(
        "allow_origin",
        kinds.origins,
        "web pages of this origin may use the API too, such as https://chat.example or chrome-extension://*",
        "ORIGIN",
        list,
    ),
    Option(
        "upstream",
        upstreams.parse,
        "take in the models of an OpenAI-compatible server",
        "URL[,key_file=FILE|,key_variable=NAME]",
        list,
    ),
    _yes_or_no("federation", "work alone: neither look for other machines of the network nor answer them"),
    Option(
        "join",
        kinds.text,
        "join the swarm that has this code, for good; another machine shows it with: python main.py swarm code",
        "CODE",
        secret=True,
        once=True,
    ),
    Option(
        "pair",
        machines.pin,
        "join by the PIN that `python main.py swarm pair` shows on another machine",
        "PIN[@HOST:PORT]",
        once=True,
    ),
    Option(
        "peer",
        machines.places,
        "a machine of the swarm, where multicast is blocked; one is enough to learn of all",
        "HOST[:PORT]",
        list,
    ),
    _yes_or_no("open", "a swarm without a code, for a network that is thrown away: whoever is in it takes part"),
    _count("swarm_port", 0, 65535, "talk with the other machines on this port; 0 takes any free one"),
    _count(
        "share_rate",
        0,
        100_000,
        "megabytes per second at which models are given to other machines of the swarm; 0 gives none",
        "MB",
    ),
    Option(
        "shard",
        machines.names,
        "let these machines of the swarm hold a part of the model, for one that is too large for each alone; they must "
        "have been started with --lend",
        "HOST[,HOST]",
        list,
    ),
    _yes_or_no(
        "lend",
        "let machines of the swarm compute with the free memory of this one; whoever is of the swarm could misuse it",
    ),
    _yes_or_no(
        "tool_server",
        "be a tool host: whoever may use the API of this node can read, write and run in --root, as allowed",
    ),
    Option("root", kinds.path, "the one folder that tools work in", "FOLDER", unset="the current folder"),
    _yes_or_no(
        "yes_tools", "say yes beforehand to all that tools would ask at the terminal: writing, programs, web pages"
    ),
    _count("tool_port", 0, 65535, "a tool host listens here too, for programs and MCP; 0 takes any free port"),
    Option(
        "tool_rule",
        tools.rule,
        "what a tool may do, such as 'deny bash' or 'allow write src/**'; the first rule that fits decides",
        "RULE",
        list,
        joint=tools.JOINT,
    ),
    Option(
        "tool_members",
        machines.names,
        "only the machines of the swarm with these ids may use the tools of this one",
        "ID[,ID]",
        list,
        unset="all of them",
    ),
    Option(
        "mcp",
        tools.mount,
        "offer the tools of this MCP server too; it is started, or asked at its address",
        "NAME=COMMAND|NAME=URL[,key_file=FILE|,key_variable=NAME]",
        list,
        joint=tools.JOINT,
    ),
    Option(
        "tool_host",
        tools.host,
        "models of this node use the tools of this machine of the swarm; alone: of whichever has some",
        "NAME|URL",
        bare=tools.ANY_HOST,
    ),
    Option("tool_key", kinds.key, "the key that the tool host at a URL wants", "KEY", secret=True),
    _yes_or_no(
        "execute_client_tools",
        "carry out what clients declare as read, write, bash and the like on the tool host, instead of giving the "
        "calls back to them",
    ),
    Option("api_key", kinds.key, "the key that clients must send", "KEY", secret=True),
)
BY_NAME = {option.name: option for option in OPTIONS}


def add_flags(parser: argparse.ArgumentParser, shown: Container[str] = tuple(BY_NAME)) -> None:
    """All of them; the help shows only some, where a command has little to do with the others."""
    group = parser.add_argument_group("settings")
    text = f"read settings from this TOML file ({CONFIG_VARIABLE})"
    group.add_argument(CONFIG_FLAG, metavar="FILE", default=None, help=text)
    for option in OPTIONS:
        if not option.has_flag:
            continue
        default = f", default {option.default}" if option.default else ""
        text = f"{option.help} ({option.variable}{default})" if option.name in shown else argparse.SUPPRESS
        if option.kind is bool:
            for flag, said in ((option.flag, "true"), (option.no_flag, "false")):
                help = text if flag == option.shown_flag else argparse.SUPPRESS
                group.add_argument(flag, action="store_const", const=said, dest=option.name, default=None, help=help)
        elif option.choices:
            group.add_argument(option.flag, choices=option.choices, default=None, help=text)
        else:
            action = "append" if option.kind is list else "store"
            alone: dict[str, Any] = {"nargs": "?", "const": option.bare} if option.bare else {}
            group.add_argument(option.flag, action=action, metavar=option.placeholder, default=None, help=text, **alone)


def same_again(settings: Settings) -> Sequence[str]:
    """The flags that start exactly this configuration; secrets stay out of it, and what was for one start."""
    defaults = Settings()
    words = []
    for option in OPTIONS:
        value = getattr(settings, option.name)
        usual = value == getattr(defaults, option.name) and option.name != "port"
        if option.secret or option.once or value is None or usual:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words += [option.shown_flag] if isinstance(one, bool) else [option.flag, str(one)]
    return words

"""What is told to an agent, and what it becomes: variables, arguments, files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROVIDER = "localswarm"  # as the agents' own configuration calls us
TITLE = "Local Swarm"
# What an agent wants as its longest answer is a wish that the server caps; of a small context it must leave most to
# the prompt, or the agent begins to shorten the conversation at once.
ANSWER_SHARE = 4
LONGEST_ANSWER = 32_000
KEY_VARIABLE = "LOCALSWARM_AGENT_KEY"  # where a configuration can name a variable, the key is in no file
NODE = "Node.js"
NO_KEY = "none"  # agents insist on a key, also where the node asks for none


@dataclass(frozen=True, slots=True)
class Target:
    """A node and a model that it serves."""

    url: str  # without a path
    model: str
    context: int
    key: str = NO_KEY
    instructions: str = ""  # what the model is told by an agent that has no words for a model like this one

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"

    @property
    def output(self) -> int:
        """Tokens of one answer, at most."""
        return min(self.context // ANSWER_SHARE, LONGEST_ANSWER)


@dataclass(frozen=True, slots=True)
class Folders:
    scratch: Path  # gone when the agent ends
    home: Path  # what the agent keeps for itself: its sessions, its logs, and whom it trusts


@dataclass(frozen=True, slots=True)
class Setup:
    variables: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    files: Mapping[Path, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # variables of the user that would lead the agent elsewhere


@dataclass(frozen=True, slots=True)
class Agent:
    name: str
    program: str
    install: str
    needs: str
    least_context: int  # tokens: its first prompt, a file that it reads, and an answer
    configure: Callable[[Target, Folders], Setup]
    instructions: str = ""  # the file of them in config/prompts

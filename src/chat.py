"""The nouns of a conversation: what is asked, and what comes back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
Reason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, as the client named it: a data URL or an address."""

    url: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model said to itself before it answered."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str  # JSON text of an object


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call. `name` is empty where the client does not repeat it."""

    call: str  # the id of the call
    content: str
    name: str = ""
    failed: bool = False


# `unknown`: it may have run, wholly or in part, and is not run again. `client`: only the user's own program can do it.
CallState = Literal["done", "failed", "denied", "cancelled", "unknown", "client"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call that a tool host was given, for whoever called."""

    id: str
    tool: str
    state: CallState
    content: str
    images: tuple[Image, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.state == "done"

    @property
    def result(self) -> ToolResult:
        return ToolResult(self.id, self.content, self.tool, failed=not self.ok)


Part = Text | Image | Thinking | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """A message of role `tool` holds tool results alone; only an assistant's holds thinking and tool calls."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def thinking(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Thinking))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def results(self) -> tuple[ToolResult, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolResult))


@dataclass(frozen=True, slots=True)
class TextForm:
    """A grammar for the one text that a tool takes, in Lark or as a regular expression."""

    syntax: Literal["lark", "regex"]
    definition: str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that the model may call. `schema`: JSON Schema of its arguments, as the client sent it."""

    name: str
    description: str = ""
    schema: dict[str, Any] = field(default_factory=dict)
    strict: bool = False
    form: TextForm | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """`auto`: talk or call. `required`: call. `none`: talk. `names`: only these may be called (empty: all)."""

    mode: Literal["auto", "required", "none"] = "auto"
    names: tuple[str, ...] = ()
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Hosted:
    """Tools of the swarm's own tool host that the model may use. `tools`: only these; empty: all that there are.
    `rounds`: it may call so many times, one after the other; None: as often as is usual."""

    tools: tuple[str, ...] = ()
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """The answer is JSON of this schema; `{}` means any object."""

    schema: dict[str, Any]
    name: str = ""
    strict: bool = False


Effort = Literal["none", "minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a client asked of a reasoning model. None: as the model does by itself."""

    effort: Effort | None = None
    budget: int | None = None  # tokens of thinking, at most; 0 is the same as effort `none`

    @property
    def off(self) -> bool:
        return self.effort == "none" or self.budget == 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. The defaults are those of llama.cpp's own server."""

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logit_bias: tuple[tuple[int, float], ...] = ()
    # None: no log-probabilities; a number: those of the chosen token and of so many alternatives.
    logprobs: int | None = None
    # Write on past the model's own end; for measuring speed.
    ignore_eos: bool = False
    temperature_set: bool = False  # it is the client's own wish, and no default
    measured: bool = False  # how likely the model found its own words is told at the end, and what came near to them
    traced: bool = False  # the tokens themselves are told with what they say, so that another member can go on


Strategy = Literal["auto", "fast", "vote", "synth"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who answers, and how one answer is chosen. None: as the name of the model and the settings say."""

    choices: int = 1  # answers that the client wants side by side: all are given, none is chosen
    strategy: Strategy | None = None
    candidates: int | None = None  # at most so many write for one answer
    quorum: int | None = None  # so many of them have to be valid
    patience: float | None = None  # seconds that others are waited for once one has answered
    local_only: bool = False  # nobody but this node itself answers


@dataclass(frozen=True, slots=True)
class Branch:
    """How an answer might have gone on otherwise: its beginning with another token at the end, in the tokens of the
    model that wrote it. `chances`: log-probabilities of those that were chosen, as of a candidate."""

    tokens: tuple[int, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One conversation to be answered, or with `raw` one text to be continued as it is."""

    id: str
    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = field(default_factory=ToolChoice)
    response_format: ResponseFormat | None = None
    reasoning: Reasoning = field(default_factory=Reasoning)
    sampling: Sampling = field(default_factory=Sampling)
    policy: Policy = field(default_factory=Policy)
    # Text or tokens behind which the model writes on, without a template; `messages` is then empty.
    raw: str | tuple[int, ...] | None = None
    # The end of a conversation that is an assistant's message is written on instead of answered.
    continue_last: bool = False
    # What the answer begins with, in the tokens of the model that is asked; all of it is told again.
    begun: Branch | None = None
    # None: the client said nothing of them.
    hosted: Hosted | None = None
    # Clients name their session in various ways; the same name means that much of the prompt is known already.
    session: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Counted in the served model's own tokens. `cached` of the prompt's tokens did not have to be read, `thinking` of
    the completion's were thought and not said."""

    prompt: int
    completion: int
    cached: int = 0
    thinking: int = 0


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have come next. Its bytes may be only a part of a character."""

    bytes: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    bytes: bytes
    logprob: float
    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """Everything that can be checked was: from here on there will be an answer or a failure of ours."""

    prompt_tokens: int
    # What could not be done exactly as it was asked, such as a schema of which a part is not enforced.
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The tokens from which what follows came, and some of which nothing can be told yet. Only where they are traced,
    and never for a client."""

    tokens: tuple[int, ...]
    candidate: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str
    candidate: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    text: str
    candidate: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """The first of a call brings its id and name and no arguments; the others only add to the arguments, which in the
    end are the JSON text of one object. `index` counts the calls of one candidate."""

    index: int
    arguments: str = ""
    id: str = ""
    name: str = ""
    candidate: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    reason: Reason
    usage: Usage
    candidate: int = 0
    stop: str = ""  # the stop string that ended it
    warnings: tuple[str, ...] = ()  # of what was found out while it was written


@dataclass(frozen=True, slots=True)
class Candidate:
    """One whole answer of one member."""

    member: str
    message: Message
    reason: Reason
    usage: Usage
    logprobs: tuple[TokenLogprob, ...] = ()
    stop: str = ""  # the stop string that ended it
    # Log-probability of each token that was chosen (not forced by a grammar), where it was asked for and is known.
    chances: tuple[float, ...] = ()
    branches: tuple[Branch, ...] = ()  # the nearest first

    @property
    def likelihood(self) -> float | None:
        return sum(self.chances) / len(self.chances) if self.chances else None


Kind = Literal["tool_call", "json", "short", "code", "prose"]
# `single`: nobody else was asked. `vote`: most agreed. `tie`: as many said something else. `select`: nothing to count,
# the best was taken. `synth`: one was written out of several. `none`: no answer was given.
Method = Literal["single", "vote", "tie", "select", "synth", "none"]


@dataclass(frozen=True, slots=True)
class Ballot:
    """What became of one that was asked. Those of one group said the same; only valid ones have a group."""

    seat: str
    model: str
    valid: bool
    why: str = ""  # it has no vote
    kind: Kind | None = None
    group: int | None = None
    weight: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an answer was chosen. `winner` and `runner_up` (the best that said something else) count the ballots."""

    kind: Kind
    method: Method
    ballots: tuple[Ballot, ...]
    winner: int | None = None  # None: no answer was given
    runner_up: int | None = None
    agreement: float | None = None  # share of the weight that said the same; None where nobody else was asked
    confidence: float | None = None  # how likely it is right, where that is known
    cancelled: int = 0
    early_stop: bool = False  # it was decided before all had answered
    warnings: tuple[str, ...] = ()

    @property
    def requested(self) -> int:
        return len(self.ballots)

    @property
    def valid(self) -> int:
        return sum(ballot.valid for ballot in self.ballots)

    @property
    def won(self) -> Ballot | None:
        return None if self.winner is None else self.ballots[self.winner]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Comes once, right before the end of the answer that it speaks of."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Undecided:
    """What came of a vote that ends in an error. Comes right before it, for who keeps verdicts: no client is told."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """A call of the model was dealt with on the way to the answer. Rounds are counted from 1."""

    round: int
    call: ToolCall
    outcome: Outcome


Event = Accepted | Written | TextDelta | ThinkingDelta | ToolCallDelta | Step | Chosen | Undecided | Finished
Emit = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Embedding:
    """One text as a vector of length one."""

    vector: tuple[float, ...]
    tokens: int

"""What a model has to read before it can use the tools of a host: under 2,000 tokens in the form of every family."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path

import llama_cpp
import pytest
from localswarm.chat import ChatRequest, Message, Text, ToolSpec
from localswarm.dialects.choose import choose
from localswarm.node.acting import words
from localswarm.node.config import config_folder
from localswarm.tools.files import Root
from localswarm.tools.registry import Registry
from localswarm.tools.sandbox.project import Project
from localswarm.tools.standard import standard
from localswarm.tools.web.fetching import Web

from ...dialects.speaking import BARE_CHATML, LLAMA, PLAIN, TEMPLATES
from ...tools.test_standard import NoWalls

MOST = 2000
PROMPTS = config_folder() / "prompts"
# Some of them write no schemas in JSON, so that every form is counted as it is rendered.
FORMS = {
    **{file.stem: file.read_text(encoding="utf-8") for file in sorted(TEMPLATES.glob("*.jinja"))},
    "llama": LLAMA,
    "smollm2": BARE_CHATML,
    "generic": PLAIN,
}
Count = Callable[[str], int]


@pytest.fixture
def specs(tmp_path: Path) -> Iterator[tuple[ToolSpec, ...]]:
    """All tools that a host can have by itself."""
    root = Root(tmp_path)
    yield Registry(standard(root, root, PROMPTS, Project(root, NoWalls()), Web())).specs()
    root.close()


def preamble(template: str, specs: tuple[ToolSpec, ...]) -> str:
    """What the tools add to a prompt, and what is said on the way."""
    lesson = (PROMPTS / "tool_instructions.txt").read_text(encoding="utf-8")
    speaker = choose(template, "<s>", "</s>", PLAIN, lambda: lesson)
    plain = ChatRequest("r", "m", (Message("user", (Text("Hi"),)),))
    with_tools = speaker.plan(ChatRequest("r", "m", plain.messages, specs)).prompt
    without = speaker.plan(plain).prompt
    pairs = zip(with_tools, without, strict=False)
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), len(without))
    added = with_tools[same : len(with_tools) - len(without) + same]
    assert all(spec.name in added for spec in specs)
    return added + "".join(astuple(words()))


def tiktoken_or_estimate(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Its vocabulary comes with litellm here; without it a token is taken for four characters."""
    found = importlib.util.find_spec("litellm")
    folder = Path(found.origin).parent / "litellm_core_utils" / "tokenizers" if found and found.origin else None
    if folder is None or importlib.util.find_spec("tiktoken") is None:
        return lambda text: len(text) // 4
    import tiktoken

    with monkeypatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        encoding = tiktoken.get_encoding("cl100k_base")
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def test_all_tools_fit_into_every_family(
    specs: tuple[ToolSpec, ...], smollm2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = tiktoken_or_estimate(monkeypatch)
    counts = {name: count(preamble(template, specs)) for name, template in FORMS.items()}
    model = llama_cpp.Llama(str(smollm2), vocab_only=True, verbose=False)
    # Of the families' own tokenizers this one is always there.
    counts["smollm2"] = len(model.tokenize(preamble(BARE_CHATML, specs).encode(), add_bos=False))
    for name, tokens in counts.items():
        print(f"{name}: {tokens} tokens")
    assert max(counts.values()) < MOST

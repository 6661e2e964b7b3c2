"""Which dialect a template asks for, or a user by hand."""

import pytest
from localswarm.dialects.choose import choose, family_of
from localswarm.dialects.families import FAMILIES
from localswarm.errors import SettingError

from .speaking import BARE_CHATML, LLAMA, PLAIN, dialect, source

HERMES = """{%- for tool in tools %}{% endfor %}<tool_call>
{"name": <function-name>, "arguments": <args-dict>}
</tool_call>"""


@pytest.mark.parametrize(
    ("template", "name", "native"),
    [
        (source("Qwen-Qwen2.5-7B-Instruct"), "chatml", True),
        (source("Qwen-Qwen3-0.6B"), "chatml", True),
        (HERMES, "chatml", True),
        (source("Qwen3-Coder"), "qwen3-coder", True),
        (source("openai-gpt-oss-120b"), "gpt-oss", True),
        (LLAMA, "llama", True),
        ("{{ tools }}<tool_call>[{}]</tool_call>", "smollm2", True),
        (BARE_CHATML, "generic", False),
        ("", "generic", False),
        (None, "generic", False),
        ("{% broken", "generic", False),
    ],
)
def test_the_template_tells(template: str | None, name: str, native: bool) -> None:
    chosen = dialect(template)
    assert (chosen.name, chosen.native) == (name, native)


def test_the_hand_tells_better() -> None:
    assert dialect(source("Qwen3-Coder"), "generic").name == "generic"
    assert {dialect(None, family.name).name for family in FAMILIES} == {family.name for family in FAMILIES}


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"no dialect 'chatnl'\. Did you mean 'chatml'\? Known: .*llama"):
        choose(None, "", "", PLAIN, str, "chatnl")


def test_names_are_never_shared() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


def test_which_models_think() -> None:
    assert dialect(source("Qwen-Qwen3-0.6B")).thinks
    assert not dialect(source("Qwen-Qwen2.5-7B-Instruct")).thinks
    assert not dialect(BARE_CHATML).thinks
    assert family_of(source("Qwen-Qwen3-0.6B")).thought

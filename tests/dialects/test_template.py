"""Conversations through templates: the model's own, none, a broken one, a hostile one."""

import pytest
from localswarm.chat import Message, Text
from localswarm.dialects.template import ChatTemplate
from localswarm.errors import BadRequest

PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TALK = [Message("system", (Text("Be brief."),)), Message("user", (Text("Hi "), Text("there")))]


def render(source: str | None) -> str:
    return ChatTemplate(source, PLAIN, "<s>", "</s>").render(TALK)


def test_the_models_own_template() -> None:
    assert render(CHATML) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n"
    )


def test_without_a_template_or_with_a_broken_one_there_is_a_plain_one() -> None:
    assert render(None) == render("{% if %}") == "system: Be brief.\nuser: Hi there\n"
    assert not ChatTemplate("{% if %}", PLAIN, "", "").own


def test_the_special_tokens_and_helpers_that_templates_use() -> None:
    assert render("{{ bos_token }}{{ messages[0] | tojson }}") == '<s>{"role": "system", "content": "Be brief."}'
    assert len(render("{{ strftime_now('%Y') }}")) == 4
    assert render("{% for m in messages %}{% if loop.index > 1 %}{% break %}{% endif %}x{% endfor %}") == "x"


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('System role not supported') }}",
        "{{ messages[9].content.x }}",
        "{{ 1 / 0 }}",
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{% for i in range(10**9) %}x{% endfor %}",
    ],
)
def test_a_template_that_refuses_or_misbehaves_is_a_bad_request(source: str) -> None:
    with pytest.raises(BadRequest, match="chat template refused"):
        render(source)

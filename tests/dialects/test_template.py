"""Conversations through templates: the model's own, none, a broken one, and ones that refuse what they are given."""

import pytest
from localswarm.dialects.template import ChatTemplate
from localswarm.dialects.turns import Turn
from localswarm.errors import BadRequest

PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TALK: list[Turn] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi there"}]
ALTERNATING = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
)
NO_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + PLAIN
SYSTEM_IN_FRONT = (
    "{% for m in messages %}{% if m.role == 'system' and not loop.first %}{{ raise_exception('in front') }}{% endif %}"
    "{{ m.role }}: {{ m.content }}\n{% endfor %}"
)
HIDES_SYSTEM = (
    "{% for m in messages %}{% if m.role != 'system' %}{{ m.role }}: {{ m.content }}\n{% endif %}{% endfor %}"
)
ONE_SYSTEM = (
    "{% for m in messages %}{% if m.role != 'system' or loop.first %}"
    "{{ m.role }}: {{ m.content + '\\n' }}{% endif %}{% endfor %}"
)
PARTS = "{% for m in messages %}{{ m.role }}: {% for p in m.content %}{{ p.text + '\\n' }}{% endfor %}{% endfor %}"
NO_TOOLS = (
    "{% for m in messages %}{% if m.role not in ['user', 'assistant'] or m.tool_calls %}{{ raise_exception('role') }}"
    "{% endif %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
)


def render(source: str | None, *turns: Turn) -> str:
    return ChatTemplate(source, PLAIN, "<s>", "</s>").prompt(turns or TALK)


def said(role: str, content: str) -> Turn:
    return {"role": role, "content": content}


def test_the_models_own_template() -> None:
    assert render(CHATML) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi there<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("source", [None, "{% if %}", "{% for a in b recursive %}{% endfor %}", "{{ x | nonsense }}"])
def test_without_a_template_or_with_a_broken_one_there_is_a_plain_one(source: str | None) -> None:
    template = ChatTemplate(source, PLAIN, "", "")
    assert template.prompt(TALK) == "system: Be brief.\nuser: Hi there\n"
    assert not template.own and template.source == PLAIN


def test_the_special_tokens_and_helpers_that_templates_use() -> None:
    one = render("{{ bos_token }}{{ messages[0] | tojson }}", said("user", "Hi"))
    assert one == '<s>{"role": "user", "content": "Hi"}'
    assert len(render("{{ strftime_now('%Y') }}")) == 4
    assert render("{% for m in messages %}{% if loop.index > 1 %}{% break %}{% endif %}x{% endfor %}") == "x"
    assert render("{% generation %}x{% endgeneration %}") == "x"
    assert render("{% set l = [] %}{% set _ = l.append(1) %}{{ l }}") == "[1]"
    assert render("{{ {'b': '<é>', 'a': 1} | tojson(sort_keys=true, separators=(',', ':')) }}") == '{"a":1,"b":"<é>"}'
    assert render("{{ messages | map(attribute='role') | tojson }}") == '["system", "user"]'


def test_a_switch_that_the_template_takes_out_is_no_loss() -> None:
    source = PLAIN.replace("m.content", "m.content.replace('/no_think', '')")
    assert render(source, said("system", "Be brief. /no_think"), TALK[1]) == "system: Be brief. \nuser: Hi there\n"


@pytest.mark.parametrize(
    ("source", "turns", "expected"),
    [
        (NO_SYSTEM, TALK, "user: Be brief.\n\nHi there\n"),
        (HIDES_SYSTEM, TALK, "user: Be brief.\n\nHi there\n"),
        (NO_SYSTEM, [said("system", "Be brief."), said("assistant", "Hm?")], "user: Be brief.\nassistant: Hm?\n"),
        (
            SYSTEM_IN_FRONT,
            [said("system", "A"), said("system", "B"), said("user", "C"), said("system", "D")],
            "system: A\n\nB\nuser: C\nuser: D\n",
        ),
        (ALTERNATING, [said("user", "A"), said("user", "B"), said("assistant", "C")], "user: A\n\nB\nassistant: C\n"),
        (
            ONE_SYSTEM,
            [said("system", "A"), said("user", "B"), said("system", "C"), said("user", "D")],
            "system: A\nuser: B\nuser: C\nuser: D\n",
        ),
        (ALTERNATING, [*TALK, said("assistant", "A")], "user: Be brief.\n\nHi there\nassistant: A\n"),
        (PARTS, TALK, "system: Be brief.\nuser: Hi there\n"),
        (
            NO_TOOLS,
            [
                said("user", "A"),
                said("assistant", "B") | {"tool_calls": [{"function": {"name": "ls", "arguments": {}}}]},
                said("tool", "a.py") | {"name": "ls"},
            ],
            'user: A\nassistant: B\n{"name": "ls", "arguments": {}}\nuser: Result of ls:\na.py\n',
        ),
    ],
)
def test_what_a_template_refuses_is_said_in_another_way(source: str, turns: list[Turn], expected: str) -> None:
    assert render(source, *turns) == expected


@pytest.mark.parametrize(
    "source", ["{{ raise_exception('Never') }}", "{{ messages[9].content.x }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}"]
)
def test_a_template_that_refuses_everything_is_a_bad_request(source: str) -> None:
    with pytest.raises(BadRequest, match="chat template refused"):
        render(source)

"""Hostile templates end soon, and come nowhere near Python; honest ones are not disturbed."""

import time

import pytest
from localswarm.dialects.template import ChatTemplate
from localswarm.errors import BadRequest

from .speaking import PLAIN, source

GROW = "{% set ns = namespace(v=START) %}{% for i in range(60) %}{% set ns.v = STEP %}{% endfor %}"


def grow(start: str, step: str, end: str = "") -> str:
    return GROW.replace("START", start).replace("STEP", step) + end


HOSTILE = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "double": grow("'xx'", "ns.v + ns.v"),
    "tilde": grow("'xx'", "ns.v ~ ns.v"),
    "lists": grow("[1, 2]", "ns.v + ns.v"),
    "numbers": grow("3", "ns.v * ns.v"),
    "power": "{{ 9**9**9**9 }}",
    "times": "{{ 'x' * 10**10 }}{{ [1] * 10**10 }}",
    "nested": grow("[1]", "[ns.v, ns.v]", "{{ ns.v }}"),
    "json": grow("[1]", "[ns.v, ns.v]", "{{ ns.v | tojson }}"),
    "compared": grow("[1]", "[ns.v, ns.v]", "{{ ns.v == ns.v[0] }}"),
    "replaced": grow("'aaaaaa'", "ns.v.replace('a', 'aaaaaa')"),
    "filtered": grow("'aaaaaa'", "ns.v | replace('a', 'aaaaaa')"),
    "joined": "{% set s = 'x' * 1000000 %}{{ range(9999) | map('replace', '0', s) | join }}{{ [s] * 9999 | join }}",
    "wide": "{{ 'x'.ljust(10**10) }}",
    "format": "{{ '{:>99999999999}'.format(1) }}",
    "formats": "{{ '{:>{}}'.format(1, 10**10) }}",
    "percent": "{{ '%99999999999d' % 1 }}",
    "star": "{{ '%*d' % (10**10, 1) }}",
    "indent": "{{ 'x\ny' | indent(10**10) }}",
    "macro": "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
    "fan": "{% macro f(n) %}{% if n < 60 %}{{ f(n + 1) }}{{ f(n + 1) }}{% endif %}{% endmacro %}{{ f(0) }}",
    "slices": "{% set s = 'x' * 1000000 %}{% for i in range(99999) %}{% set t = s[1:] %}{% endfor %}",
    "counts": "{% set s = 'x' * 1000000 %}{% for i in range(99999) %}{% set t = s.count('y') %}{% endfor %}",
    "its own text": "{% for i in range(999999) %}" + "x" * 10000 + "{% endfor %}",
    "class": "{{ messages.__class__.__mro__[1].__subclasses__() }}",
    "globals": "{{ strftime_now.__globals__['os'] }}",
    "format's attributes": "{{ '{0.__class__.__mro__}'.format(messages) }}",
    "lipsum": "{{ lipsum(n=10**9) }}",
}


@pytest.mark.parametrize("template", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_is_a_bad_request_soon(template: str) -> None:
    begun = time.monotonic()
    with pytest.raises(BadRequest, match="chat template refused"):
        ChatTemplate(template, PLAIN, "", "").prompt([{"role": "user", "content": "hi"}])
    assert time.monotonic() - begun < 20  # about a second where nobody else works


@pytest.mark.parametrize("name", ["Qwen-Qwen3-0.6B", "Qwen3-Coder", "openai-gpt-oss-120b"])
def test_ten_thousand_messages_are_no_crime(name: str) -> None:
    turns = [{"role": "user" if at % 2 == 0 else "assistant", "content": f"word {at}"} for at in range(10_000)]
    assert "word 9999" in ChatTemplate(source(name), PLAIN, "<s>", "</s>").prompt([*turns, turns[0]])


def test_long_messages_are_no_crime_either() -> None:
    turns = [{"role": "user", "content": "word " * 1_000_000}]
    assert len(ChatTemplate(source("Qwen-Qwen3-0.6B"), PLAIN, "", "").prompt(turns)) > 5_000_000


def test_one_run_does_not_pay_for_another() -> None:
    template = ChatTemplate("{% for i in range(200000) %}{% endfor %}{{ messages[0].content }}", PLAIN, "", "")
    assert {template.prompt([{"role": "user", "content": "hi"}]) for _ in range(8)} == {"hi"}

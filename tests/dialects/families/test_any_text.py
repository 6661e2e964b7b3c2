# ruff: noqa: RUF001 - some of the bars are wide, and part of the names
"""Whatever stands behind a trigger: nothing breaks, nothing hangs, and any cut reads the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from localswarm.dialects.families import deepseek, gemma, glm, gpt_oss, mistral, qwen3_coder
from localswarm.dialects.family import Family

from .reading import CUTS, MARKERS, read

FAMILIES: tuple[Family, ...] = (
    *(*deepseek.FAMILIES, *gemma.FAMILIES, *glm.FAMILIES),
    *(*gpt_oss.FAMILIES, *mistral.FAMILIES, *qwen3_coder.FAMILIES),
)
PIECES = (
    *MARKERS,
    *(
        "<function=",
        "<parameter=",
        "</parameter>",
        "</function>",
        " to=functions.",
        "analysis",
        "final",
        "json",
        "call:",
    ),
    *('<｜DSML｜invoke name="', '">', '<｜DSML｜parameter name="', '" string="true">', "</｜DSML｜parameter>"),
    *(
        '{"name": "now", "arguments": ',
        "now",
        "edit",
        "path",
        "\n",
        " ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        ",",
        ":",
        ">",
        "é",
    ),
)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@settings(max_examples=25, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=15), cuts=CUTS)
def test_any_text(family: Family, pieces: list[str], cuts: list[int]) -> None:
    for trigger in family.triggers[:2]:
        text = trigger + "".join(pieces)
        assert read(family, text, cuts) == read(family, text) == read(family, text, range(len(text)))

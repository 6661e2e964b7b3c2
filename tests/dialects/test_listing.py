"""Tools as a short list."""

from localswarm.chat import ToolSpec
from localswarm.dialects.listing import listing

from .speaking import READ


def test_what_a_model_has_to_know() -> None:
    tool = ToolSpec(
        "edit",
        "Edits a file.\n",
        {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "Where it is"},
                "mode": {"type": "string", "enum": ["add", "cut"]},
                "marks": {"type": "array", "items": {"type": "integer"}, "description": "Lines"},
                "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "what": {},
            },
            "required": ["path", "mode"],
        },
    )
    assert listing([tool, ToolSpec("now")]) == (
        "edit: Edits a file.\n"
        "  path (string): Where it is\n"
        '  mode ("add" | "cut")\n'
        '  marks ({"type": "array", "items": {"type": "integer"}}, optional): Lines\n'
        '  either ({"anyOf": [{"type": "string"}, {"type": "null"}]}, optional)\n'
        "  what (any, optional)\n"
        "now"
    )


def test_it_is_always_the_same() -> None:
    assert listing([READ]) == listing([READ])

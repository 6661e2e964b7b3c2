"""Reads the command line and hands over to a command."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from .. import settings
from ..errors import StartError
from . import serve

EXAMPLES = """examples:
  python main.py --auto                            the best model for this machine, on port 17615
  python main.py --model ~/models/qwen.gguf        any GGUF file
  python main.py --auto --context 4096 --instances 4
  python main.py dev test                          the tests
"""


def main(argv: Sequence[str] | None = None) -> int:
    flags = _parser().parse_args(argv)
    try:
        return serve.run(settings.load(vars(flags)))
    except StartError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python main.py",
        description="Serve a language model of this machine behind an OpenAI-compatible endpoint.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Local Swarm {version('localswarm')}")
    settings.add_flags(parser)
    return parser

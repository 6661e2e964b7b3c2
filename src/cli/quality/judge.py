"""Is this answer right?"""

from . import calls, sums
from .code import Runner
from .question import Asserts, Call, Calls, Number, Question, Said


class Judge:
    """`runner`: None where no code can be run; then no question wants it."""

    def __init__(self, runner: Runner | None) -> None:
        self._runner = runner

    def right(self, question: Question, said: Said) -> bool:
        match question.wanted:
            case Calls(truth):
                whole = [call for call in said.calls if isinstance(call, Call)]
                return len(whole) == len(said.calls) and calls.right(whole, truth)
            case Number():
                return sums.right(said.text, question.wanted)
            case Asserts():
                assert self._runner
                return self._runner.passes(said.text, question.wanted)

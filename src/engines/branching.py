"""Where an answer nearly went on otherwise: its beginnings with another token at the end. Pure but for the sequence."""

from collections.abc import Iterator, Set
from typing import Protocol

from ..chat import Branch
from .sequence import Rival, Sequence

MOST = 8
# Later ones are not looked at: the beginnings would be long, and what is chosen among is short.
MOST_PLACES = 512


class Vocabulary(Protocol):
    @property
    def end_tokens(self) -> Set[int]: ...

    def marked(self, token: int) -> bytes: ...


def note(vocabulary: Vocabulary, sequence: Sequence) -> None:
    """What came near to the token that was just chosen, where that is measured."""
    weighed = sequence.sampler.weighed
    if not weighed or weighed[-1].rival is None or sequence.written >= MOST_PLACES:
        return
    token = weighed[-1].rival
    spelled = None if token in vocabulary.end_tokens else vocabulary.marked(token)
    sequence.rivals.append(Rival(sequence.written, len(weighed) - 1, token, spelled))


def branches(sequence: Sequence) -> tuple[Branch, ...]:
    """The nearest first."""
    weighed = sequence.sampler.weighed
    nearest = sorted(sequence.rivals, key=lambda rival: weighed[rival.choice].chance - weighed[rival.choice].rivals)
    return tuple(found for found, _ in zip(_others(sequence, nearest), range(MOST), strict=False))


def _others(sequence: Sequence, rivals: list[Rival]) -> Iterator[Branch]:
    weighed, written = sequence.sampler.weighed, sequence.tokens[sequence.prompt :]
    whole = _solid(sequence.spelled)
    for rival in rivals:
        before = sequence.spelled[: rival.place]
        ends = rival.spelled is None or len(before) == len(sequence.spelled)
        # Else only its blanks, or where its tokens are cut, would be others.
        if ends or not whole.startswith(_solid([*before, rival.spelled or b""])):
            chances = [one.chance for one in weighed[: rival.choice]]
            yield Branch((*written[: rival.place], rival.token), (*chances, weighed[rival.choice].rivals))


def _solid(spelled: list[bytes]) -> bytes:
    return b"".join(b"".join(spelled).split())

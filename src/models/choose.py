"""Which model this node serves, how it is loaded, and why.

What is asked for exactly is taken exactly, or refused with what would fit; what is left out is chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ModelUnusable, SwarmError
from ..hardware.machine import Hardware
from ..settings import Settings
from . import advice, embedded, repo
from .card import Format, ModelCard
from .catalogue import names
from .fit.expected import AS_RECKONED, Grown
from .fit.fit import ALL_LAYERS, Body, Plan, Wish, fit, of_card, steps_down
from .fit.need import Setup
from .fit.select import Ranked, rank
from .hub.refusals import WITHOUT, DownloadFailed, HubBusy, HubUnreachable, NoRoom
from .library import Library
from .mlx import folder
from .mlx.convert.family import FAMILIES
from .parts import body_of_file

# After so many that could not be had from the hub, only what is here is looked at.
MOST_FAILURES = 4


@dataclass(frozen=True, slots=True)
class Choice:
    path: Path
    name: str
    why: str
    plan: Plan
    steps: tuple[Setup, ...] = ()  # smaller ones to try where loading fails although it should have fitted
    notes: tuple[str, ...] = ()  # how it was chosen, where that was not plain


@dataclass(frozen=True, slots=True)
class Chooser:
    library: Library
    hardware: Hardware
    wish: Wish
    force: bool = False
    grown: Callable[[Path, Plan], Grown] = lambda *_: AS_RECKONED  # what a file took before, against what was expected
    say: Callable[[str], None] = lambda _: None
    without: frozenset[str] = frozenset()  # models that could not be loaded here
    form: Callable[[Path], Path] = lambda path: path  # what the engine opens for a model
    formats: tuple[Format, ...] = ("gguf",)  # that are looked for and downloaded, the best one first
    converts: bool = False  # a GGUF file is made a folder for MLX

    def choose(self, wanted: str | None) -> Choice:
        if wanted is None:
            return self._best(self.catalogued(), "the best for this machine")
        match names.classify(wanted):
            case names.LocalPath(path):
                return self._local(path)
            case names.HubRepo() as found:
                cards = repo.cards(self.library, found, self.formats)
            case names.Wanted() as name:
                cards = self._named(name)
        first = [card for card in cards if card.format == cards[0].format]
        if len(first) == 1:
            return self._exactly(first[0], cards[1:])
        why = f"the best of the {len(cards)} that --model {wanted} can mean"
        return self._best(self.ranked(cards), why, named=True)

    def catalogued(self) -> list[Ranked]:
        """Unasked nothing is downloaded only to be converted."""
        cards = self.library.catalogue.cards
        return self.ranked([card for card in cards if not self._is_converted(card) or embedded.is_card(card)])

    def ranked(self, cards: Sequence[ModelCard]) -> list[Ranked]:
        usable = [card for card in cards if card.format in self.formats and card.id not in self.without]
        return rank(usable, self.hardware, self.wish)

    def _named(self, name: names.Wanted) -> list[ModelCard]:
        """In the formats of this machine: what there is not in the first one there may be in the next."""
        cards: list[ModelCard] = []
        unknown: list[names.UnknownModel] = []
        for format in self.formats:
            try:
                cards += names.find(self.library.catalogue, name, format)
            except names.UnknownModel as error:
                unknown.append(error)
        if not cards:
            raise unknown[0]
        if served := [card for card in cards if self._is_served(card)]:
            return served
        raise ModelUnusable(
            f"The catalogue has no build of {cards[0].id} for MLX, and its GGUF file cannot be converted. Start "
            "without --engine mlx to serve that."
        )

    def _is_served(self, card: ModelCard) -> bool:
        if self._is_converted(card):
            return card.geometry.architecture in FAMILIES
        return card.format in self.formats

    def _is_converted(self, card: ModelCard) -> bool:
        return self.converts and card.format == "gguf"

    def _local(self, path: Path) -> Choice:
        name = path.absolute().name if folder.is_folder(path) else path.stem
        return self._file(path, name, "you asked for it with --model", ())

    def _exactly(self, card: ModelCard, instead: Sequence[ModelCard]) -> Choice:
        """`instead`: the same in other formats."""
        try:
            self._fitted(of_card(card), self._smaller(card), self.wish)
            path = self.library.local(card) or self._download(card)
            return self._file(path, card.id, "you asked for it with --model", self._smaller(card))
        except (DownloadFailed, ModelUnusable) as error:
            others = self.ranked(instead)
            if not others:
                raise
            self.say(f"{card.id} cannot be had: looking for it in another format ...")
            try:
                return self._best(others, "", named=True, before=[_better(card, error)])
            except SwarmError:
                raise error from None

    def _acceptable(self, one: Ranked, named: bool) -> bool:
        """Slowness and licences matter only where nobody named the model; the embedded one is better than none."""
        if not self._is_served(one.card):
            return False
        if self.force or one.refusal is None:
            return True
        return not self._too_long(of_card(one.card)) and (embedded.is_card(one.card) or (named and one.plan.fits))

    def _best(self, ranked: Sequence[Ranked], why: str, named: bool = False, before: Sequence[str] = ()) -> Choice:
        """The first of these that can be had. One that cannot is named, and why; `before`: those that could not."""
        notes = list(before)
        last: DownloadFailed | ModelUnusable | None = None
        away, failures, said = False, 0, len(notes)
        for one in ranked:
            if not self._acceptable(one, named):
                continue
            try:
                here = self.library.local(one.card)
                if away and not here:
                    continue
                # What failed last is told where something else is tried, and otherwise by the error.
                for note in notes[said:]:
                    self.say(note)
                said = len(notes)
                path = here or self._download(one.card)
                why = "the best that can be had now" if notes else why
                return self._file(path, one.card.id, self._why(why, one), (), tuple(notes))
            except (DownloadFailed, ModelUnusable) as error:
                last = error
                failures += not isinstance(error, NoRoom)  # a smaller one may find room
                away = away or isinstance(error, HubUnreachable | HubBusy) or failures == MOST_FAILURES
                notes.append(_better(one.card, error))
        raise ModelUnusable(last.message if last else self._nothing(ranked))

    def _download(self, card: ModelCard) -> Path:
        """Its header first: what the catalogue reckons may be wrong, and a download takes an hour."""
        self.say(f"Asking the hub for {card.id} ({card.repo}) ...")
        card = self.library.exact(card)
        self._fitted(self.library.body(card), self._smaller(card), self.wish)
        return self.library.fetch(card)

    def _file(
        self, path: Path, name: str, why: str, others: Sequence[ModelCard], notes: tuple[str, ...] = ()
    ) -> Choice:
        path = self.form(path)
        body = body_of_file(path, name)
        wish = _possible(self.wish, path)
        plan = self._fitted(body, others, wish, path)
        steps = tuple(steps_down(plan, body.geometry, wish))
        return Choice(path.absolute(), name, why, plan, steps, notes)

    def _fitted(self, body: Body, others: Sequence[ModelCard], wish: Wish, path: Path | None = None) -> Plan:
        """How it is loaded; ModelUnusable where it cannot be. What a file took before counts."""
        self._check_trained(body)
        plan = fit(body, self.hardware, wish)
        if path and (grown := self.grown(path, plan)) != AS_RECKONED:
            plan = fit(body, self.hardware, wish, grown)
        if not (plan.fits or self.force):
            raise ModelUnusable(advice.too_large(body, plan, self.hardware, wish, others))
        return plan

    def _too_long(self, body: Body) -> bool:
        return 0 < body.geometry.trained_context < (self.wish.context or 0)

    def _check_trained(self, body: Body) -> None:
        if self._too_long(body) and not self.force:
            trained = body.geometry.trained_context
            raise ModelUnusable(
                f"--context {self.wish.context} is more than {body.name} was trained for ({trained} tokens). "
                f"Start with --context {trained} or less; {advice.OVERRIDE}."
            )

    def _smaller(self, card: ModelCard) -> list[ModelCard]:
        cards = self.library.catalogue.cards
        return [
            other
            for other in cards
            if other.family == card.family and self._is_served(other) and other.bytes < card.bytes
        ]

    def _why(self, why: str, one: Ranked) -> str:
        speed = one.plan.speed
        told = f"{why} for {self.wish.use}; expected to write {speed.writing:.0f} tokens/s"
        return f"{told}; {reason}" if (reason := self._not_mlx(one.card)) else told

    def _not_mlx(self, card: ModelCard) -> str:
        """Why the format is not the one that this machine does best."""
        if card.format == self.formats[0]:
            return ""
        same = [
            other for other in self.library.catalogue.cards if (other.family, other.size) == (card.family, card.size)
        ]
        builds = [other for other in same if other.format == "mlx"]
        if not builds:
            return "as a GGUF file, for the catalogue has no build of it for MLX"
        return "as a GGUF file, instead of a build for MLX"

    def _nothing(self, ranked: Sequence[Ranked]) -> str:
        if not ranked:
            tried = f" ({', '.join(sorted(self.without))})" if self.without else ""
            return f"No other model is left{tried}: see python main.py doctor, or name one with --model."
        if all(self._too_long(of_card(one.card)) for one in ranked):
            self._check_trained(of_card(ranked[0].card))
        first = next((one for one in ranked if one.refusal), ranked[0])
        why = first.refusal or "cannot be converted for MLX"
        return f"Nothing fits: {first.card.id} {why}. {advice.OVERRIDE[:1].upper()}{advice.OVERRIDE[1:]}."


def wish_of(settings: Settings) -> Wish:
    return Wish(
        use=settings.use,
        context=settings.context or None,
        seats=settings.instances or None,
        kv=None if settings.kv == "auto" else settings.kv,
        gpu_layers=None if settings.gpu_layers == ALL_LAYERS else settings.gpu_layers,
    )


def _better(card: ModelCard, error: SwarmError) -> str:
    """Something else is served, so nobody need be told how to go on without it."""
    return f"{card.id} would be better, but: {error.message.replace(f', or {WITHOUT}', '')}"


def _possible(wish: Wish, path: Path) -> Wish:
    """The engine for MLX keeps keys and values whole; where another way was asked for it says so itself."""
    return replace(wish, kv=wish.kv or "f16") if folder.is_folder(path) else wish

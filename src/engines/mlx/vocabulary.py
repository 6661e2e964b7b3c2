"""Text to tokens and back, with the folder's own tokenizer."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from llguidance import LLTokenizer
from tokenizers import Tokenizer

from ...errors import BadRequest, ModelUnusable
from ..pieces import opens, pieces
from .folder import TOKENIZER, Folder

# Added tokens that are no control tokens are markers where they look like one; many others are only blanks.
TAG = re.compile(r"<.+>|\[[A-Z/_ ]+\]")
# With these a model ends its answer, whatever its configuration says.
ENDS = {
    *("<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>"),
    *("<EOT>", "_<EOT>", "<\uff5cend\u2581of\u2581sentence\uff5c>", "<end_of_utterance>", "<|end_of_text|>"),
}
BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
BLANK = "▁"


class Vocabulary:
    def __init__(self, folder: Folder, size: int) -> None:
        """`size`: of the model's output, which may have places for which there is no token."""
        self.size = size
        self._folder = folder
        try:
            told = (folder.path / TOKENIZER).read_text(encoding="utf-8")
            self._reading = Tokenizer.from_str(told)
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelUnusable(f"{folder.path / TOKENIZER} cannot be read ({error}). Download it again.") from None
        self._config: dict[str, Any] = json.loads(told)
        self._reading.no_padding()
        self._reading.no_truncation()
        self._added = {token: one.content for token, one in self._reading.get_added_tokens_decoder().items()}
        self._control = {token for token, one in self._reading.get_added_tokens_decoder().items() if one.special}
        self._as_text = self._without_markers()
        self._pieces: dict[int, bytes] = {}

    @property
    def bos(self) -> str:
        return self._folder.text_of("bos_token") or self._named("bos_token_id")

    @property
    def eos(self) -> str:
        return self._folder.text_of("eos_token") or self._named("eos_token_id")

    @cached_property
    def end_tokens(self) -> frozenset[int]:
        told = [_ids(place.get("eos_token_id")) for place in self._configs()]
        named = [token for token, text in self._added.items() if text in ENDS or text == self.eos]
        return frozenset([token for ids in told for token in ids] + named)

    @cached_property
    def markers(self) -> tuple[tuple[str, int], ...]:
        """Texts that are one token wherever they stand."""
        found = {token: text for token, text in self._added.items() if self._is_marker(token)}
        return tuple((text, token) for token, text in sorted(found.items()))

    def least_tokens(self, text: str) -> int:
        """No fewer tokens than these, without reading the text token by token."""
        return len(text) // self._longest

    @cached_property
    def _longest(self) -> int:
        return max(1, max(len(text) for text in self._reading.get_vocab(with_added_tokens=True)))

    def tokenize_prompt(self, text: str, cuts: Sequence[int] = ()) -> tuple[int, ...]:
        """Markers in the text are taken as such: it is a prompt that a template rendered."""
        tokens = self.tokenize(text, True, not opens(text, self.bos), cuts)
        # Without any token there would be nothing to write behind.
        return tuple(tokens) or (self._reading.token_to_id(self.bos) or 0,)

    def tokenize(self, text: str, special: bool, framed: bool, cuts: Sequence[int] = ()) -> list[int]:
        first, *others = pieces(text, cuts)
        opening, closing = self._frame if framed else ([], [])
        inner = (token for piece in others for token in self._behind(piece, special))
        return [*opening, *self._tokens(first, special), *inner, *closing]

    def check(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """These are tokens of this model."""
        wrong = next((token for token in tokens if not 0 <= token < self.size), None)
        if wrong is not None:
            raise BadRequest(f"This model has no token {wrong}; its {self.size} tokens begin with 0.")
        return tuple(tokens)

    def make_tokenizer(self) -> LLTokenizer:
        return LLTokenizer(self._reading.to_str(), n_vocab=self.size, eos_token=sorted(self.end_tokens) or None)

    def piece(self, token: int) -> bytes:
        """The bytes of a token in an answer; control tokens have none."""
        return b"" if token in self._control else self.marked(token)

    def marked(self, token: int) -> bytes:
        """The bytes of a token, those of control tokens too."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token)
        return piece

    def _tokens(self, text: str, special: bool) -> list[int]:
        tokenizer = self._reading if special else self._as_text
        tokens: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return tokens

    def _behind(self, piece: str, special: bool) -> list[int]:
        """Some tokenizers put a blank before a text, but this one is the middle of another."""
        if not self._begins_with_blank:
            return self._tokens(piece, special)
        # A line's end takes the blank and joins with nothing.
        ahead, tokens = self._tokens("\n", False), self._tokens("\n" + piece, special)
        return tokens[len(ahead) :] if tokens[: len(ahead)] == ahead else self._tokens(piece, special)

    @cached_property
    def _begins_with_blank(self) -> bool:
        first = self._tokens("x", False)[:1]
        return bool(first) and self.marked(first[0]).startswith(b" ")

    @cached_property
    def _frame(self) -> tuple[list[int], list[int]]:
        """What stands before a text and behind it."""
        whole: list[int] = self._reading.encode("x", add_special_tokens=True).ids
        inner = self._tokens("x", True)
        at = next((at for at in range(len(whole)) if whole[at : at + len(inner)] == inner), 0)
        return whole[:at], whole[at + len(inner) :]

    def _without_markers(self) -> Tokenizer:
        """Reads markers as the characters that they are written with."""
        added = [
            one | {"special": one["special"] or self._is_marker(one["id"])} for one in self._config["added_tokens"]
        ]
        tokenizer = Tokenizer.from_str(json.dumps(self._config | {"added_tokens": added}))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True
        return tokenizer

    def _is_marker(self, token: int) -> bool:
        return token in self._control or bool(TAG.fullmatch(self._added.get(token, "")))

    def _read_piece(self, token: int) -> bytes:
        if token in self._added:
            return self._added[token].encode()
        text = self._reading.id_to_token(token) or ""
        if self._by_bytes:
            return bytes(BYTES[letter] for letter in text if letter in BYTES)
        found = BYTE.fullmatch(text)
        return bytes([int(found[1], 16)]) if found else text.replace(BLANK, " ").encode()

    @cached_property
    def _by_bytes(self) -> bool:
        """Is each letter of a token a byte, as in GPT-2?"""
        return "ByteLevel" in json.dumps(self._config.get("decoder"))

    def _configs(self) -> Iterator[dict[str, Any]]:
        nested = self._folder.config.get("text_config")
        yield from (self._folder.json("generation_config.json"), self._folder.config)
        yield nested if isinstance(nested, dict) else {}

    def _named(self, key: str) -> str:
        token = next((ids[0] for place in self._configs() if (ids := _ids(place.get(key)))), -1)
        return (self._reading.id_to_token(token) or "") if token >= 0 else ""


def _ids(told: Any) -> list[int]:
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, int)]


def _letters() -> dict[str, int]:
    """GPT-2's letters: printable bytes are themselves, the others follow from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + at): byte for at, byte in enumerate(others)}


BYTES = _letters()

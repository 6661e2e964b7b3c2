"""The weights and the vocabulary of one GGUF file: loading, text to tokens and back."""

import ctypes
import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import llama_cpp as lib
from llguidance import LLTokenizer
from llguidance.llamacpp import lltokenizer_from_vocab

from ...errors import BadRequest, ModelUnusable
from ..base import Loan
from ..pieces import opens, pieces
from .rpc import Borrowed

Progress = Callable[[float], None]
BYTES_OF_ONE_PIECE = 256
# llama.cpp finds these in every text in which markers are to be taken as such.
NEVER_TEXT = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN
# And those of the maker's own choice, of which many are only blanks and line ends.
TAG = re.compile(r"<.+>|\[[A-Z/_ ]+\]")


class Model:
    def __init__(self, path: Path, gpu_layers: int, progress: Progress, loans: Sequence[Loan] = ()) -> None:
        lib.llama_backend_init()
        params = lib.llama_model_default_params()
        if loans:
            # Kept on self: llama.cpp looks at it while loading.
            self._borrowed = Borrowed(loans)
            params.devices = ctypes.cast(self._borrowed.devices, ctypes.c_void_p)
            params.tensor_split = self._borrowed.split
        params.n_gpu_layers = gpu_layers
        # Mapped, the file would stay in memory beside the copy of it that llama.cpp rearranges for this processor:
        # measured with a 1.1 GB file, 0.6 GB more.
        params.load_mode = lib.LLAMA_LOAD_MODE_NONE
        # Kept on self: llama.cpp calls it while loading, and ctypes does not keep it alive.
        self._progress = lib.llama_progress_callback(partial(_go_on, progress))
        params.progress_callback = self._progress
        self.handle: Any = lib.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            raise ModelUnusable(f"llama.cpp could not load {path}.")
        self.vocab: Any = lib.llama_model_get_vocab(self.handle)
        self.vocab_size: int = lib.llama_vocab_n_tokens(self.vocab)
        self._pieces: dict[int, bytes] = {}
        self._marked: dict[int, bytes] = {}

    def close(self) -> None:
        lib.llama_model_free(self.handle)

    @property
    def trained_context(self) -> int:
        return int(lib.llama_model_n_ctx_train(self.handle))

    @property
    def window(self) -> int:
        """The sliding window in tokens; 0 where every layer sees everything."""
        return int(lib.llama_model_n_swa(self.handle))

    @property
    def weights_bytes(self) -> int:
        return int(lib.llama_model_size(self.handle))

    @property
    def kv_bytes_per_token(self) -> int:
        """Of plain attention with 16-bit keys and values; an upper bound for other kinds of memory."""
        heads = lib.llama_model_n_head(self.handle)
        if heads <= 0:
            return 0
        head = lib.llama_model_n_embd(self.handle) // heads
        layers = lib.llama_model_n_layer(self.handle)
        return int(2 * 2 * layers * lib.llama_model_n_head_kv(self.handle) * head)

    @property
    def template(self) -> str | None:
        text = lib.llama_model_chat_template(self.handle, None)
        return text.decode("utf-8", "replace") if text else None

    @property
    def description(self) -> str:
        buffer = ctypes.create_string_buffer(256)
        lib.llama_model_desc(self.handle, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    @property
    def architecture(self) -> str:
        return self.metadata("general.architecture") or ""

    @property
    def parameters(self) -> int:
        return int(lib.llama_model_n_params(self.handle))

    @property
    def width(self) -> int:
        """Numbers in one embedding."""
        return int(lib.llama_model_n_embd(self.handle))

    def metadata(self, key: str) -> str | None:
        buffer = ctypes.create_string_buffer(256)
        if lib.llama_model_meta_val_str(self.handle, key.encode(), buffer, len(buffer)) < 0:
            return None
        return buffer.value.decode("utf-8", "replace")

    @property
    def bos(self) -> str:
        return self._special(lib.llama_vocab_bos(self.vocab))

    @property
    def eos(self) -> str:
        return self._special(lib.llama_vocab_eos(self.vocab))

    @cached_property
    def end_tokens(self) -> frozenset[int]:
        return frozenset(t for t in range(self.vocab_size) if lib.llama_vocab_is_eog(self.vocab, t))

    def least_tokens(self, text: str) -> int:
        """No fewer tokens than these, without reading the text token by token.

        llama.cpp takes the square of the number of special tokens in time: a megabyte of them holds it up for a quarter
        of a minute.
        """
        by_length = len(text.encode()) // self._longest_piece
        return max(by_length, *(text.count(marker) for marker, _ in self.markers), 0)

    @cached_property
    def _longest_piece(self) -> int:
        return max(1, max(len(lib.llama_vocab_get_text(self.vocab, t) or b"") for t in range(self.vocab_size)))

    @cached_property
    def markers(self) -> tuple[tuple[str, int], ...]:
        """Texts that are one token: control tokens, and those of its makers that look like them."""
        return tuple((text, token) for token in range(self.vocab_size) if (text := self._marker(token)))

    def _marker(self, token: int) -> str:
        kind = lib.llama_vocab_get_attr(self.vocab, token)
        if kind & NEVER_TEXT:
            return self._special(token)
        text = self._special(token) if kind & lib.LLAMA_TOKEN_ATTR_USER_DEFINED else ""
        return text if TAG.fullmatch(text) else ""

    def tokenize_prompt(self, text: str, cuts: Sequence[int] = ()) -> tuple[int, ...]:
        """Special tokens in the text are taken as such: it is a prompt that a template rendered."""
        tokens = self.tokenize(text, True, not opens(text, self.bos), cuts)
        # Without any token there would be nothing to write behind.
        return tuple(tokens) or (max(0, lib.llama_vocab_bos(self.vocab)),)

    def tokenize(self, text: str, special: bool, framed: bool, cuts: Sequence[int] = ()) -> list[int]:
        first, *others = pieces(text, cuts)
        if not others:
            return self._tokens(first, special, framed)
        opening, closing = self._frame if framed else ([], [])
        inner = (token for piece in others for token in self._behind(piece, special))
        return [*opening, *self._tokens(first, special, False), *inner, *closing]

    def _tokens(self, text: str, special: bool, framed: bool) -> list[int]:
        data = text.encode()
        room = len(data) + 8
        tokens = (lib.llama_token * room)()
        count = lib.llama_tokenize(self.vocab, data, len(data), tokens, room, framed, special)
        return list(tokens[:count])

    def _behind(self, piece: str, special: bool) -> list[int]:
        """Some vocabularies put a blank before a text, but this one is the middle of another."""
        tokens = self._tokens(self._blank + piece, special, False)
        ahead = self._ahead
        return tokens[len(ahead) :] if tokens[: len(ahead)] == ahead else self._tokens(piece, special, False)

    @cached_property
    def _blank(self) -> str:
        """A line's end takes the blank and joins with nothing."""
        first = self._tokens("x", False, False)[:1]
        return "\n" if first and self.marked(first[0]).startswith(b" ") else ""

    @cached_property
    def _ahead(self) -> list[int]:
        return self._tokens(self._blank, False, False)

    @cached_property
    def _frame(self) -> tuple[list[int], list[int]]:
        """What stands before a text and behind it."""
        begins, ends = lib.llama_vocab_get_add_bos(self.vocab), lib.llama_vocab_get_add_eos(self.vocab)
        opening = [lib.llama_vocab_bos(self.vocab)] if begins else []
        return opening, [lib.llama_vocab_eos(self.vocab)] if ends else []

    def check(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """These are tokens of this model."""
        wrong = next((token for token in tokens if not 0 <= token < self.vocab_size), None)
        if wrong is not None:
            raise BadRequest(f"This model has no token {wrong}; its {self.vocab_size} tokens begin with 0.")
        return tuple(tokens)

    def make_tokenizer(self) -> LLTokenizer:
        return lltokenizer_from_vocab(self.vocab, self.vocab_size, sorted(self.end_tokens))

    def piece(self, token: int) -> bytes:
        """The bytes of a token in an answer; control tokens have none."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._read_piece(token, special=False)
        return piece

    def marked(self, token: int) -> bytes:
        """The bytes of a token, those of control tokens too."""
        piece = self._marked.get(token)
        if piece is None:
            piece = self._marked[token] = self._read_piece(token, special=True)
        return piece

    def _special(self, token: int) -> str:
        return self._read_piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def _read_piece(self, token: int, special: bool) -> bytes:
        buffer = ctypes.create_string_buffer(BYTES_OF_ONE_PIECE)
        size = lib.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, special)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = lib.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, special)
        return buffer.raw[:size]


def _go_on(progress: Progress, part: float, _: Any) -> bool:
    """False would end the loading."""
    progress(part)
    return True

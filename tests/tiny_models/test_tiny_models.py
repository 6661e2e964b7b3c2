"""That each tiny model is what it is named for, and what llama.cpp's memory calls do on it: schedulers rely on both."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from . import KINDS, make
from .gemma3 import WINDOW
from .reference import Decoder, decoder, greedy

RECURRENT = {"mamba", "jamba"}
CUTTABLE = [kind for kind in KINDS if kind not in RECURRENT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny_models")
    for kind in KINDS:
        make(kind, folder / f"{kind}.gguf")
    return folder


@pytest.fixture(params=KINDS, scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(folder: Path, kind: str) -> Iterator[Decoder]:
    """Opened once, as opening takes longer than the tests do; `greedy` forgets what was there before."""
    with decoder(folder / f"{kind}.gguf") as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(folder: Path, kind: str) -> Iterator[Decoder]:
    with decoder(folder / f"{kind}.gguf", n_seq_max=4) as opened:
        yield opened


@pytest.fixture
def empty(shared: Decoder) -> Decoder:
    llama_cpp.llama_memory_clear(shared.memory, True)
    return shared


def prompt(length: int, seed: int = 0) -> list[int]:
    """Ordinary tokens: the first few of the vocabulary are special ones."""
    return [int(token) for token in np.random.default_rng(seed).integers(20, 49000, length)]


def reach(decoder: Decoder, sequence: int = 0) -> tuple[int, int]:
    memory = decoder.memory
    return (
        llama_cpp.llama_memory_seq_pos_min(memory, sequence),
        llama_cpp.llama_memory_seq_pos_max(memory, sequence),
    )


def cut(decoder: Decoder, sequence: int, first: int, end: int = -1) -> bool:
    return bool(llama_cpp.llama_memory_seq_rm(decoder.memory, sequence, first, end))


def copy(decoder: Decoder, source: int, target: int, first: int = -1, end: int = -1) -> None:
    llama_cpp.llama_memory_seq_cp(decoder.memory, source, target, first, end)


def test_llama_cpp_sees_the_kind_of_memory(empty: Decoder, kind: str) -> None:
    assert llama_cpp.llama_model_is_recurrent(empty.model) == (kind == "mamba")
    assert llama_cpp.llama_model_is_hybrid(empty.model) == (kind == "jamba")
    assert llama_cpp.llama_model_n_swa(empty.model) == (WINDOW if kind == "gemma3" else 0)


def test_a_model_is_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    assert make("jamba", tmp_path / "again.gguf").read_bytes() == (folder / "jamba.gguf").read_bytes()


def test_text_depends_on_the_first_token(empty: Decoder) -> None:
    prompts = [prompt(40, seed) for seed in range(8)]
    differ = [empty.greedy(tokens, 24) != empty.greedy([777, *tokens[1:]], 24) for tokens in prompts]
    assert sum(differ) >= 7


def test_text_is_not_constant(empty: Decoder) -> None:
    assert len(set(empty.greedy(prompt(40), 24))) > 12


def test_text_does_not_depend_on_how_the_prompt_is_cut_up(empty: Decoder, folder: Path, kind: str) -> None:
    tokens = prompt(60)
    for first in range(0, 56, 7):
        empty.decode(tokens[first : first + 7], first)
    assert empty.extend(tokens[56:], 56, 24) == greedy(folder / f"{kind}.gguf", tokens, 24)


def test_only_attention_forgets_a_tail(empty: Decoder, kind: str) -> None:
    empty.decode(prompt(20), 0)
    assert cut(empty, 0, 10) == (kind not in RECURRENT)
    assert reach(empty) == ((19, 19) if kind in RECURRENT else (0, 9))


def test_every_kind_forgets_a_whole_sequence(empty: Decoder) -> None:
    empty.decode(prompt(20), 0)
    assert cut(empty, 0, 0)
    assert reach(empty) == (-1, -1)


def test_a_refused_cut_changes_nothing(empty: Decoder, truth: Decoder) -> None:
    tokens = prompt(20)
    empty.decode(tokens, 0)
    kept = tokens[:10] if cut(empty, 0, 10) else tokens
    assert empty.extend([777], len(kept), 12) == truth.greedy([*kept, 777], 12)


def test_whole_copies_go_their_own_ways(empty: Decoder, truth: Decoder) -> None:
    tokens = prompt(20)
    empty.decode(tokens, 0)
    for target in (1, 2, 3):
        copy(empty, 0, target)
    for sequence in range(4):
        expected = truth.greedy([*tokens, 1000 + sequence], 12)
        assert empty.extend([1000 + sequence], 20, 12, sequence) == expected


def test_a_copy_of_a_part_is_not_a_part_where_there_is_a_state(empty: Decoder, kind: str) -> None:
    """The state ignores the range; in the hybrid it then is ahead of the attention, which llama.cpp does not notice."""
    empty.decode(prompt(20), 0)
    copy(empty, 0, 1, 0, 10)
    assert reach(empty, 1) == {"mamba": (19, 19), "jamba": (19, 9)}.get(kind, (0, 9))


@pytest.mark.parametrize("kind", ["jamba"], indirect=True)
def test_a_torn_copy_writes_other_text(empty: Decoder, truth: Decoder) -> None:
    tokens = prompt(40)
    empty.decode(tokens, 0)
    copy(empty, 0, 1, 0, 30)
    assert empty.extend([777], 30, 24, 1) != truth.greedy([*tokens[:30], 777], 24)


def test_only_a_pure_state_refuses_to_read_for_two_sequences_at_once(empty: Decoder, kind: str) -> None:
    assert empty.decode(prompt(20), 0, 0, 1) == (1 if kind == "mamba" else 0)


def test_a_position_that_is_not_the_next_one_is_refused(empty: Decoder) -> None:
    empty.decode(prompt(20), 0)
    assert [empty.decode([777], position) for position in (10, 19, 21)] == [-1, -1, -1]


def test_a_checkpoint_brings_back_what_was_overwritten(empty: Decoder, truth: Decoder) -> None:
    tokens = prompt(20)
    empty.decode(tokens, 0)
    partial = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
    size = llama_cpp.llama_state_seq_get_size_ext(empty.context, 0, partial)
    saved = (ctypes.c_uint8 * size)()
    assert llama_cpp.llama_state_seq_get_data_ext(empty.context, saved, size, 0, partial) == size
    empty.extend([777], 20, 12)
    assert llama_cpp.llama_state_seq_set_data_ext(empty.context, saved, size, 0, partial) == size
    assert cut(empty, 0, 20)
    assert empty.extend([778], 20, 12) == truth.greedy([*tokens, 778], 12)


@pytest.mark.parametrize("kind", CUTTABLE, indirect=True)
def test_a_cut_sequence_goes_on_as_if_it_had_never_been_longer(empty: Decoder, truth: Decoder) -> None:
    tokens = prompt(60)
    empty.decode(tokens, 0)
    assert cut(empty, 0, 30)
    assert empty.extend([777], 30, 24) == truth.greedy([*tokens[:30], 777], 24)


@pytest.mark.parametrize("kind", ["gemma3"], indirect=True)
class TestSlidingWindow:
    """Without `swa_full` a layer with a window has fewer cells (here 256), and old positions make room for new ones."""

    TOKENS = prompt(300)

    @pytest.fixture
    def small(self, folder: Path, kind: str) -> Iterator[Decoder]:
        with decoder(folder / f"{kind}.gguf", n_seq_max=4, n_ubatch=WINDOW, swa_full=False) as opened:
            for first in range(0, 300, 20):
                assert opened.decode(self.TOKENS[first : first + 20], first) == 0
            yield opened

    def test_old_positions_are_gone(self, small: Decoder) -> None:
        assert reach(small) == (300 - 256, 299)

    def test_a_cut_is_right_while_a_whole_window_is_left(self, small: Decoder, truth: Decoder) -> None:
        end = reach(small)[0] + WINDOW
        assert cut(small, 0, end)
        assert small.extend([777], end, 24) == truth.greedy([*self.TOKENS[:end], 777], 24)

    def test_a_deeper_cut_is_accepted_and_wrong(self, small: Decoder, truth: Decoder) -> None:
        end = reach(small)[0] + WINDOW // 4
        assert cut(small, 0, end)
        assert small.extend([777], end, 24) != truth.greedy([*self.TOKENS[:end], 777], 24)

    def test_shared_positions_make_no_room(self, small: Decoder) -> None:
        copy(small, 0, 1)
        assert small.decode([777], 300) == 1

    def test_with_swa_full_as_is_the_default_nothing_is_lost(self, empty: Decoder) -> None:
        empty.decode(self.TOKENS, 0)
        assert reach(empty) == (0, 299)

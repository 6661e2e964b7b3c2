"""How an answer is chosen, told and ended."""

from dataclasses import replace

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import Engine, Job

from .model import Model
from .running import GREEDY, entries, one, run, text, usage, words

# llguidance still calls it.
pytestmark = pytest.mark.filterwarnings("ignore:llama_token_get_attr is deprecated")


def test_usage_counts_every_token_of_the_text(engine: Engine) -> None:
    tokens = engine.prepare(words(9))
    pieces = one(engine, tokens, Sampling(temperature=0, max_tokens=40, logprobs=0))[0]
    assert usage(pieces).prompt == len(tokens)
    assert usage(pieces).completion == len(entries(pieces)) == sum(piece.tokens for piece in pieces)


def test_a_stop_string_ends_the_text_before_it(engine: Engine) -> None:
    """It lies across the borders of tokens."""
    tokens = engine.prepare(words(14))
    answer = one(engine, tokens, Sampling(temperature=0, max_tokens=24, logprobs=0, ignore_eos=True))[0]
    whole = text(answer)
    border = len(b"".join(entry.bytes for entry in entries(answer)[:3]).decode(errors="ignore"))
    stop = whole[border - 2 : border + 3]
    pieces = one(engine, tokens, Sampling(temperature=0, max_tokens=24, stop=(stop, "never"), ignore_eos=True))[0]
    assert text(pieces) == whole[: whole.index(stop)]
    assert (pieces[-1].reason, pieces[-1].stop) == ("stop", stop)


def test_a_control_token_ends_the_answer(engine: Engine) -> None:
    end = next(token for marker, token in engine.card.markers if marker == engine.card.eos)
    pieces = one(engine, engine.prepare(words(9)), Sampling(temperature=0, logit_bias=((end, 100.0),)))[0]
    assert (text(pieces), pieces[-1].reason, usage(pieces).completion) == ("", "stop", 0)


def test_control_tokens_are_told_only_where_they_are_wanted(engine: Engine) -> None:
    marker, token = next(each for each in engine.card.markers if each[0] == "<repo_name>")
    plan = Sampling(temperature=0, max_tokens=2, logit_bias=((token, 100.0),))
    hidden = run(engine, Job("hidden", engine.prepare("x"), 1, plan))
    told = run(engine, Job("told", engine.prepare("x"), 1, plan, special=True))
    assert (text(hidden["hidden", 0]), text(told["told", 0])) == ("", 2 * marker)


def test_the_same_seed_gives_the_same_text_and_another_seed_another(fresh: Engine) -> None:
    tokens = fresh.prepare(words(12))
    plans = [Sampling(temperature=1.0, max_tokens=24, seed=seed) for seed in (5, 5, 6)]
    first, again, other = (text(one(fresh, tokens, plan)[0]) for plan in plans)
    assert first == again != other


def test_without_a_seed_answers_differ(fresh: Engine) -> None:
    tokens = fresh.prepare(words(12))
    assert len({text(one(fresh, tokens, Sampling(temperature=1.0, max_tokens=24))[0]) for _ in range(3)}) == 3


def test_a_seed_does_not_depend_on_who_else_is_in_the_batch(fresh: Engine) -> None:
    job = Job("mine", fresh.prepare(words(12)), 1, Sampling(seed=11, max_tokens=16))
    alone = text(run(fresh, job)["mine", 0])
    crowd = [Job(f"c{i}", fresh.prepare(words(9, i)), 1, Sampling(seed=i, max_tokens=30)) for i in range(5)]
    assert text(run(fresh, job, *crowd)["mine", 0]) == alone


def test_candidates_differ_and_the_first_has_the_seed_of_the_request(fresh: Engine) -> None:
    tokens = fresh.prepare(words(14))
    sampling = Sampling(temperature=1.0, max_tokens=24, seed=3)
    alone = text(one(fresh, tokens, sampling)[0])
    texts = [text(pieces) for pieces in one(fresh, tokens, sampling, candidates=4)]
    assert texts[0] == alone
    assert len(set(texts)) == 4


def test_logprobs_are_of_the_models_own_distribution(engine: Engine) -> None:
    pieces = one(engine, engine.prepare(words(12)), Sampling(temperature=0, max_tokens=8, logprobs=5))[0]
    for entry in entries(pieces):
        chances = [one.logprob for one in entry.top]
        assert chances == sorted(chances, reverse=True)
        assert entry.logprob == pytest.approx(chances[0])
        assert entry.top[0].bytes == entry.bytes
        assert len(entry.top) == 5 and chances[0] <= 0
    assert b"".join(entry.bytes for entry in entries(pieces)).decode(errors="ignore").startswith(text(pieces)[:8])


def test_a_measured_answer_tells_at_its_end_how_likely_each_token_was(engine: Engine) -> None:
    tokens = engine.prepare(words(12))
    sampling = Sampling(temperature=0.7, seed=3, max_tokens=8, logprobs=0)
    told = entries(one(engine, tokens, sampling)[0])
    pieces = one(engine, tokens, replace(sampling, logprobs=None, measured=True))[0]
    assert pieces[-1].chances == pytest.approx([entry.logprob for entry in told], abs=1e-3)
    assert not any(piece.chances for piece in pieces[:-1])
    assert one(engine, tokens, replace(sampling, logprobs=None))[0][-1].chances == ()


def test_logit_bias_forbids_and_forces_tokens(engine: Engine, model: Model) -> None:
    forced = engine.prepare("Rome")[-1]
    sampling = Sampling(temperature=0, max_tokens=3, logit_bias=((forced, 100.0), (10**9, 5.0)))
    pieces = one(engine, engine.prepare(words(12)), sampling)[0]
    assert text(pieces) == model.piece(engine, forced).decode() * 3


@pytest.mark.parametrize("penalty", ["frequency_penalty", "presence_penalty", "repeat_penalty"])
def test_a_penalty_keeps_a_token_from_coming_again(engine: Engine, penalty: str) -> None:
    favourite = engine.prepare("Rome")[-1]
    biased = {"temperature": 0, "max_tokens": 12, "ignore_eos": True, "logprobs": 0, "logit_bias": ((favourite, 80.0),)}
    size = 100.0
    plain = entries(one(engine, engine.prepare(words(9)), Sampling(**biased))[0])  # type: ignore[arg-type]
    punished = one(engine, engine.prepare(words(9)), Sampling(**biased | {penalty: size}))[0]  # type: ignore[arg-type]
    assert len({entry.bytes for entry in plain}) == 1
    assert [entry.bytes for entry in entries(punished)].count(plain[0].bytes) == 1


def test_no_delta_ever_holds_half_a_character(engine: Engine) -> None:
    """Biased towards the first bytes of characters and what may follow."""
    parts = {token for token in engine.tokenize("🙂🎉🚀日本語ü", False)}
    bias = tuple((token, 25.0) for token in parts)
    answers = one(engine, engine.prepare("x"), Sampling(seed=1, max_tokens=60, logit_bias=bias, top_k=8), candidates=4)
    for pieces in answers:
        whole = text(pieces)
        assert not whole.isascii()
        assert all(piece.text == piece.text.encode().decode() for piece in pieces)


def test_a_character_in_several_tokens_comes_whole(engine: Engine) -> None:
    grammar = 'start: "ab" /[🙂日]/ "ç"'
    tokens = engine.prepare(words(9))
    result = run(engine, Job("one", tokens, 1, GREEDY, constraint=engine.compile(grammar)))
    whole = text(result["one", 0])
    assert whole in ("ab🙂ç", "ab日ç")
    assert "\ufffd" not in "".join(piece.text for piece in result["one", 0])

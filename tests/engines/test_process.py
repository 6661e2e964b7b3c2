"""The parent's side of an engine process, with stand-ins that misbehave in ways a real one rarely does."""

import asyncio
import sys
import time
from pathlib import Path

import pytest
from localswarm.chat import Sampling
from localswarm.engines.base import EngineOptions, Prompt
from localswarm.engines.process import Down, EngineProcess, Ready, Timing
from localswarm.errors import EngineDied, ModelLoading, ModelUnusable

FAST = Timing(ping=0.05, silence=0.5, first_pause=0.05, longest_pause=0.2, stuck=0.4, close=0.2)
SAY = "import sys, json, time\ndef say(**f): print(json.dumps(f), flush=True)\nsys.stdin.readline()\n"
CARD = (
    "card = dict(name='m', description='', context=9, trained_context=9, seats=1, pool=9, template=None,"
    " bos='', eos='', weights_bytes=1)\n"
)
ANSWER_PINGS = (
    "for line in sys.stdin:\n    f = json.loads(line)\n"
    "    if f['do'] == 'ping': say(**{'is': 'pong', 'load': [1, 0, 1, 0, 0, 9]})\n"
)
READY = CARD + "say(**{'is': 'ready', 'card': card})\n"


def engine(tmp_path: Path, script: str, timing: Timing = FAST) -> EngineProcess:
    return EngineProcess(
        EngineOptions(Path("m")), tmp_path / "log", timing, (sys.executable, "-c", SAY + script)
    )  # fmt: skip


async def start_error(tmp_path: Path, script: str) -> str:
    process = engine(tmp_path, script)
    task = asyncio.create_task(process.run())
    with pytest.raises(ModelUnusable) as failed:
        await asyncio.wait_for(process.first_card(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return failed.value.message


async def test_a_reason_that_the_engine_gives_is_told(tmp_path: Path) -> None:
    assert (
        await start_error(tmp_path, "say(**{'is': 'failed', 'why': 'no such architecture'})") == "no such architecture"
    )


async def test_a_crash_while_loading_is_tried_three_times_and_told_with_its_last_words(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    script = f"open({str(marks)!r}, 'a').write('x'); print('error: bad tensor', file=sys.stderr); import os; os.abort()"
    said = await start_error(tmp_path, script)
    assert "signal 6" in said and "error: bad tensor" in said
    assert marks.read_text() == "xxx"


async def test_rubbish_instead_of_frames_is_told(tmp_path: Path) -> None:
    assert "no frame" in await start_error(tmp_path, "print('hello', flush=True); time.sleep(9)")


async def test_silence_while_loading_is_noticed(tmp_path: Path) -> None:
    assert "did not answer" in await start_error(tmp_path, "time.sleep(60)")


async def test_an_engine_that_answers_pings_but_makes_no_step_is_restarted(tmp_path: Path) -> None:
    process = engine(tmp_path, READY + ANSWER_PINGS)
    task = asyncio.create_task(process.run())
    await process.first_card()
    async with process.ask("job", Prompt("x"), 1, Sampling()) as answer:
        with pytest.raises(EngineDied, match="no step"):
            await asyncio.wait_for(answer.prompt_tokens(), 10)
    assert process.restarts <= 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_dead_engine_comes_back_with_growing_pauses_and_clients_are_told(tmp_path: Path) -> None:
    process = engine(tmp_path, READY + "time.sleep(0.1)")
    task = asyncio.create_task(process.run())
    with pytest.raises(ModelLoading):
        process.card()
    await process.first_card()
    pauses = set()
    for _ in range(100):
        await asyncio.sleep(0.02)
        if isinstance(process.state, Down):
            pauses.add(process.state.until)
            with pytest.raises(EngineDied) as told:
                process.card()
            assert told.value.retry_after >= 1
    assert len(pauses) >= 3 and process.restarts >= 3
    await process.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_closing_ends_a_process_that_does_not_listen(tmp_path: Path) -> None:
    process = engine(tmp_path, READY + "time.sleep(60)", Timing(close=0.1))
    task = asyncio.create_task(process.run())
    await process.first_card()
    await asyncio.wait_for(process.close(), 2)
    await asyncio.wait_for(task, 2)


async def test_what_cannot_be_loaded_is_tried_with_less(smollm2: Path, tmp_path: Path) -> None:
    too_much = EngineOptions(smollm2, context=2**20)
    smaller = [EngineOptions(smollm2, context=2**19), EngineOptions(smollm2, context=1024, seats=2, threads=1)]
    engine = EngineProcess(too_much, tmp_path / "engine.log", smaller=smaller)
    running = asyncio.create_task(engine.run())
    card = await engine.first_card()
    assert (card.context, card.seats) == (1024, 2)
    await engine.close()
    await running


async def test_an_engine_is_not_killed_because_its_parent_stood_still(tmp_path: Path) -> None:
    process = engine(tmp_path, READY + ANSWER_PINGS.replace("[1, 0, 1", "[1, 0, 0"))
    task = asyncio.create_task(process.run())
    await process.first_card()
    await asyncio.sleep(3 * FAST.ping)
    time.sleep(3 * FAST.silence)  # noqa: ASYNC251
    await asyncio.sleep(3 * FAST.ping)
    assert isinstance(process.state, Ready) and process.restarts == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

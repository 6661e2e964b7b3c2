"""What vLLM's log tells, in lines as it writes them."""

import pytest
from localswarm.engines.vllm.log import Progress, fault, is_port_taken, last, mend, progress

START = [
    "INFO 08-20 14:01:10 [__init__.py:241] Automatically detected platform cuda.",
    "(APIServer pid=21002) INFO 08-20 14:01:12 [api_server.py:1805] vLLM API server version 0.10.1",
    "(EngineCore_0 pid=21098) INFO 08-20 14:01:15 [core.py:74] Initializing a V1 LLM engine (v0.10.1) with config: x",
    "(EngineCore_0 pid=21098) INFO 08-20 14:01:16 [gpu_model_runner.py:1953] Starting to load model Qwen/Qwen3-8B...",
    "Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:01<00:00,  2.52it/s]",
    "Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:01<00:00,  2.52it/s]",
    "(EngineCore_0 pid=21098) INFO 08-20 14:01:20 [default_loader.py:262] Loading weights took 1.73 seconds",
    "(EngineCore_0 pid=21098) INFO 08-20 14:01:25 [gpu_worker.py:276] Available KV cache memory: 10.91 GiB",
    "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE): 100%|##########| 67/67",
    "(APIServer pid=21002) INFO:     Application startup complete.",
]
CRASH = [
    "(EngineCore_0 pid=21) ERROR 08-20 14:01:20 [core.py:718] EngineCore failed to start.",
    "(EngineCore_0 pid=21) ERROR 08-20 14:01:20 [core.py:718] Traceback (most recent call last):",
    '(EngineCore_0 pid=21) ERROR 08-20 14:01:20 [core.py:718]   File "x.py", line 1, in f',
    "(EngineCore_0 pid=21) ERROR 08-20 14:01:20 [core.py:718] torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB",
    "(APIServer pid=20) Traceback (most recent call last):",
    "(APIServer pid=20) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
]


def test_a_start_goes_on_and_never_back() -> None:
    found = [Progress()]
    for line in START:
        found.append(progress(line, found[-1]))
    parts = [one.part for one in found]
    assert parts == sorted(parts) and parts[-1] == 1.0
    assert found[5].words == found[6].words == "loading the weights, 50 %"


def test_a_new_start_in_the_same_log_begins_anew() -> None:
    assert progress(START[1], Progress(1.0, "ready")) == Progress(0.05, "starting")


def test_the_error_that_says_something() -> None:
    assert fault(CRASH) == "torch.OutOfMemoryError: CUDA out of memory. Tried 2 GiB"
    assert fault(CRASH[4:]).startswith("RuntimeError: Engine core initialization failed")
    assert fault(START) == "" and last(START) == "Application startup complete."
    assert fault(["usage: vllm serve", "vllm serve: error: unrecognized arguments: --foo"]).endswith("--foo")
    assert len(fault(["ValueError: " + "x" * 1000])) < 320


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ValueError: ... the estimated maximum model length is 32560. Try", "--context 32560"),
        ("OSError: x/y is not a local folder and is not a valid model identifier listed on", "'org/m' the name of"),
        ("huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error.", "'org/m' the name of"),
        ("OSError: You are trying to access a gated repo.", "HF_TOKEN"),
        ("torch.OutOfMemoryError: CUDA out of memory.", "smaller model"),
        ("ValueError: Free memory on device (0.49/79.32 GiB) on startup is less than desired", "Close what else"),
        ("KeyError: invalid tool call parser: qwen9 (chose from { hermes })", "--vllm-arguments"),
        ("vllm serve: error: unrecognized arguments: --foo", "--vllm-arguments"),
        ("ValueError: something else", ""),
    ],
)
def test_the_mend(said: str, words: str) -> None:
    found = mend(said, "org/m")
    assert words in found and bool(words) == bool(found)


def test_a_taken_port() -> None:
    assert is_port_taken("OSError: [Errno 98] Address already in use") and not is_port_taken("OSError: no")

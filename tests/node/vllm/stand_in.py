"""What vLLM looks like from outside: the same command line, parsed as strictly, its log, its routes, its ways to fail.

Variables say how it is to behave: STAND_IN_SECONDS (that it loads), STAND_IN_FAILS (once it loads: a line that it dies
of), STAND_IN_STUBBORN (it does not listen to SIGINT), STAND_IN_EARLY (crashes so many seconds after it was ready).
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

from aiohttp import web

TOOL_PARSERS = ("hermes", "llama3_json", "mistral", "openai", "qwen3_coder", "pythonic")
THOUGHT_PARSERS = ("deepseek_r1", "qwen3", "openai_gptoss")
CAN_HOLD = 32560  # tokens
PID = f"(APIServer pid={os.getpid()})"


def log(said: str, level: str = "INFO", place: str = "api_server.py:1805") -> None:
    print(f"{PID} {level} {time.strftime('%m-%d %H:%M:%S')} [{place}] {said}", flush=True)


def core(said: str) -> None:
    print(f"(EngineCore_0 pid={os.getpid() + 1}) {said}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vllm", allow_abbrev=False)
    serve = parser.add_subparsers(dest="command", required=True).add_parser("serve", allow_abbrev=False)
    serve.add_argument("model")
    serve.add_argument("--host")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--served-model-name", nargs="+")
    for flag in ("--enable-prefix-caching", "--enable-auto-tool-choice", "--disable-uvicorn-access-log"):
        serve.add_argument(flag, action=argparse.BooleanOptionalAction, default=False)
    serve.add_argument("--tool-call-parser")
    serve.add_argument("--reasoning-parser", choices=THOUGHT_PARSERS)
    serve.add_argument("--max-model-len", type=int, default=CAN_HOLD)
    serve.add_argument("--max-num-seqs", type=int)
    serve.add_argument("--gpu-memory-utilization", type=float, default=0.9)
    serve.add_argument("--download-dir")
    serve.add_argument("--tensor-parallel-size", type=int, default=1)
    return parser.parse_args()


def load(asked: argparse.Namespace) -> None:
    log("vLLM API server version 0.11.0")
    if asked.enable_auto_tool_choice and asked.tool_call_parser not in TOOL_PARSERS:
        known = ",".join(TOOL_PARSERS)
        raise KeyError(f"invalid tool call parser: {asked.tool_call_parser} (chose from {{ {known} }})")
    if "no-such" in asked.model:
        raise OSError(
            f"{asked.model} is not a local folder and is not a valid model identifier listed on "
            "'https://huggingface.co/models'"
        )
    core("INFO 08-20 14:01:18 [core.py:74] Initializing a V1 LLM engine (v0.11.0) with config: ...")
    core("INFO 08-20 14:01:18 [gpu_model_runner.py:1953] Starting to load model ...")
    seconds = float(os.environ.get("STAND_IN_SECONDS", "0.4"))
    for percent in (0, 50, 100):
        sys.stderr.write(f"\rLoading safetensors checkpoint shards: {percent:3}% Completed | {percent // 50}/2")
        sys.stderr.flush()
        time.sleep(seconds / 3)
    core("INFO 08-20 14:01:20 [default_loader.py:262] Loading weights took 1.73 seconds")
    if said := os.environ.get("STAND_IN_FAILS"):
        core(f"ERROR 08-20 14:01:20 [core.py:718] {said}")
        raise RuntimeError("Engine core initialization failed. See root cause above. Failed core proc(s): {}")
    if asked.max_model_len > CAN_HOLD:
        core(
            "ERROR 08-20 14:01:20 [core.py:718] ValueError: To serve at least one request with the models's max seq "
            f"len ({asked.max_model_len}), 24.00 GiB KV cache is needed, which is larger than the available KV cache "
            f"memory (10.91 GiB). Based on the available memory, the estimated maximum model length is {CAN_HOLD}. "
            "Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine."
        )
        raise RuntimeError("Engine core initialization failed. See root cause above. Failed core proc(s): {}")
    core("INFO 08-20 14:01:25 [gpu_worker.py:276] Available KV cache memory: 10.91 GiB")


class Routes:
    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.name = asked.served_model_name[0] if asked.served_model_name else asked.model
        self.key = os.environ.get("VLLM_API_KEY")

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.guard])
        app.router.add_get("/health", self.health)
        app.router.add_get("/v1/models", self.models)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_post("/tokenize", self.tokenize)
        return app

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Like vLLM's: what is below /v1 alone."""
        if self.key and request.path.startswith("/v1") and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def models(self, _: web.Request) -> web.Response:
        entry = {"id": self.name, "object": "model", "created": 1, "owned_by": "vllm", "root": self.asked.model}
        return web.json_response({"object": "list", "data": [entry | {"max_model_len": self.asked.max_model_len}]})

    async def tokenize(self, request: web.Request) -> web.Response:
        said = str(await request.json())
        return web.json_response({"count": len(said) // 4, "max_model_len": self.asked.max_model_len, "tokens": [1]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["model"] != self.name:
            message = f"The model `{body['model']}` does not exist."
            return web.json_response({"error": {"message": message, "code": 404}}, status=404)
        if body.get("tool_choice") == "auto" and not self.asked.enable_auto_tool_choice:
            message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            return web.json_response({"error": {"message": message, "code": 400}}, status=400)
        text = body["messages"][-1]["content"]
        deltas = called(body) if body.get("tools") and "call" in text else spoken(text)
        if not body.get("stream"):
            return web.json_response(whole(self.name, deltas))
        return await self.streamed(request, deltas, "die" in text)

    async def streamed(self, request: web.Request, deltas: list[dict[str, Any]], dies: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for delta in deltas:
            await response.write(event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
            await asyncio.sleep(0.02)
            if dies:
                print(f"{PID} vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.", flush=True)
                os._exit(1)
        end = {"index": 0, "delta": {}, "finish_reason": reason(deltas)}
        await response.write(event({"choices": [end]}))
        usage = {"prompt_tokens": 9, "completion_tokens": len(deltas), "total_tokens": 9 + len(deltas)}
        await response.write(event({"choices": [], "usage": usage}) + b"data: [DONE]\n\n")
        return response


def spoken(text: str) -> list[dict[str, Any]]:
    return [{"content": f"{word} "} for word in ("You", "said", text)]


def called(body: dict[str, Any]) -> list[dict[str, Any]]:
    function = body["tools"][0]["function"]["name"]
    first = {"index": 0, "id": "chatcmpl-tool-1", "type": "function", "function": {"name": function, "arguments": ""}}
    return [
        {"tool_calls": [first]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in ('{"city": ', '"Oslo"}')),
    ]


def whole(name: str, deltas: list[dict[str, Any]]) -> dict[str, Any]:
    text = "".join(delta.get("content", "") for delta in deltas)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason(deltas)}
    return {"object": "chat.completion", "model": name, "choices": [choice], "usage": {"prompt_tokens": 9}}


def reason(deltas: list[dict[str, Any]]) -> str:
    return "tool_calls" if "tool_calls" in deltas[-1] else "stop"


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({"object": "chat.completion.chunk", **data}).encode() + b"\n\n"


async def serve(asked: argparse.Namespace, engine: subprocess.Popen[bytes]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if number == signal.SIGINT and os.environ.get("STAND_IN_STUBBORN"):
            loop.add_signal_handler(number, lambda: log("Not now."))
        else:
            loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(Routes(asked).app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, asked.host, asked.port).start()
    log(f"Started server process [{os.getpid()}]")
    print("INFO:     Application startup complete.", flush=True)
    if early := os.environ.get("STAND_IN_EARLY"):
        await asyncio.sleep(float(early))
        os._exit(1)
    await stop.wait()
    log("Shutting down")
    engine.kill()
    await runner.cleanup()


def main() -> None:
    asked = arguments()
    # Its engine is a process of its own, which outlives a crash of the server.
    engine = subprocess.Popen(["sleep", "1000"])
    load(asked)
    asyncio.run(serve(asked, engine))


if __name__ == "__main__":
    main()

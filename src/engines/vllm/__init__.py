"""vLLM's own server as the engine: its command line, and what its log says. It is started and kept by `node/vllm`."""

"""One `vllm serve` for this node: found or started, watched, started again, and stopped with it."""

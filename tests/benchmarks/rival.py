"""llama.cpp's own server out of xllamacpp, in a process of its own: MODEL THREADS CONTEXT SEATS."""

import sys
import time

import xllamacpp


def main(model: str, threads: int, context: int, seats: int) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = seats
    params.n_ctx = context * seats
    params.use_jinja = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(params)
    print("LISTENING", server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:5]))

"""Cuts a running decode short when somebody that it works for has left."""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import llama_cpp as lib


class AbortSwitch:
    """llama.cpp asks the switch at every node of its graph, hundreds of times a step, outside Python's lock.

    A Python callback there would cost a small model a third of its speed. So the question is answered by libc's
    `strlen` over two bytes of ours: length 0 means go on, length 1 means stop. Backends that cannot abort (CUDA)
    never ask; their steps are short.
    """

    def __init__(self, context: Any) -> None:
        self._flag = ctypes.create_string_buffer(2)
        self._lock = threading.Lock()
        self._jobs: set[str] = set()
        self._spare_next = False
        libc = ctypes.cdll.msvcrt if os.name == "nt" else ctypes.CDLL(None)
        question = ctypes.cast(libc.strlen, lib.ggml_abort_callback)
        lib.llama_set_abort_callback(context, question, ctypes.addressof(self._flag))

    @contextmanager
    def watching(self, jobs: set[str]) -> Iterator[None]:
        """A decode for these jobs runs inside."""
        with self._lock:
            self._jobs = jobs
        try:
            yield
        finally:
            with self._lock:
                self._jobs = set()
                # A crowd that leaves one by one must not undo step after step of those who stay.
                self._spare_next = self._flag.value != b""
                self._flag.value = b""

    def ask(self, job_id: str) -> None:
        """This job is about to be cancelled: if a decode works for it, stop that."""
        with self._lock:
            if job_id in self._jobs and not self._spare_next:
                self._flag.value = b"\1"

"""llama.cpp's RPC backend: devices of other machines as if they were here, and those of this one for others.

It believes whatever it is told and encrypts nothing. So both of its ends are on loopback, and what lies between them is
carried by somebody who proves who he is.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import llama_cpp as lib
from llama_cpp import _ggml

from ...errors import ModelUnusable
from ..base import Loan

PROCESSOR, GPU, INTEGRATED_GPU = 0, 1, 2

Device = ctypes.c_void_p


@dataclass(frozen=True, slots=True)
class Lendable:
    """`free`: bytes, as the driver says; 0 for the processor, of whose memory ggml knows nothing."""

    name: str
    free: int


class Borrowed:
    """What a model is loaded on: the devices of all loans, then this machine's own. Its arrays live as long as it."""

    def __init__(self, loans: Sequence[Loan]) -> None:
        ggml = _described()
        devices: list[int] = []
        rooms: list[int] = []
        for loan in loans:
            devices += _lent(ggml, loan)
            rooms += loan.rooms
        own = _own_gpus(ggml)
        rooms += [_free_of(ggml, device) for device in own]
        devices += own
        self.devices = (Device * (len(devices) + 1))(*devices, None)
        self.split = (ctypes.c_float * lib.llama_max_devices())(*map(float, rooms))


def has_rpc() -> bool:
    return bool(_described().ggml_backend_reg_by_name(b"RPC"))


def serve(devices: Sequence[int], threads: int) -> NoReturn:
    """On any port of loopback that is free."""
    ggml = _described()
    registered = ggml.ggml_backend_reg_by_name(b"RPC")
    found = ggml.ggml_backend_reg_get_proc_address(registered, b"ggml_backend_rpc_start_server")
    kind = ctypes.CFUNCTYPE(
        None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.POINTER(Device)
    )
    kind(found)(b"127.0.0.1:0", None, threads, len(devices), (Device * len(devices))(*devices))
    raise SystemExit("llama.cpp's RPC server has ended.")


def own_devices() -> list[int]:
    """What is lent: the GPUs, or the processor where there is none."""
    ggml = _described()
    return _own_gpus(ggml) or [ggml.ggml_backend_dev_by_type(PROCESSOR)]


def described(device: int) -> Lendable:
    ggml = _described()
    name = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
    is_processor = ggml.ggml_backend_dev_type(device) == PROCESSOR
    return Lendable(name, 0 if is_processor else _free_of(ggml, device))


def _own_gpus(ggml: Any) -> list[int]:
    """As llama.cpp itself chooses: one that works in main memory counts only where there is no other."""
    found = [ggml.ggml_backend_dev_get(at) for at in range(ggml.ggml_backend_dev_count())]
    kinds = [ggml.ggml_backend_dev_type(device) for device in found]
    wanted = GPU if GPU in kinds else INTEGRATED_GPU
    return [device for device, kind in zip(found, kinds, strict=True) if kind == wanted]


def _free_of(ggml: Any, device: int) -> int:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    return free.value


def _lent(ggml: Any, loan: Loan) -> list[int]:
    endpoint = loan.endpoint.encode()
    # A backend keeps the connection: without one each question would open and close another.
    ggml.ggml_backend_rpc_init(endpoint, 0)
    registered = ggml.ggml_backend_rpc_add_server(endpoint)
    count = ggml.ggml_backend_reg_dev_count(registered)
    if count != len(loan.rooms):
        raise ModelUnusable(f"Another machine lends {count} devices now, and lent {len(loan.rooms)} before.")
    return [ggml.ggml_backend_reg_dev_get(registered, at) for at in range(count)]


def _described() -> Any:
    """ggml's library with the types of what is called in it."""
    lib.llama_backend_init()
    ggml = _ggml.libggml
    pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "ggml_backend_reg_by_name": (pointer, [text]),
        "ggml_backend_reg_get_proc_address": (pointer, [pointer, text]),
        "ggml_backend_reg_dev_count": (size, [pointer]),
        "ggml_backend_reg_dev_get": (pointer, [pointer, size]),
        "ggml_backend_dev_count": (size, []),
        "ggml_backend_dev_get": (pointer, [size]),
        "ggml_backend_dev_by_type": (pointer, [ctypes.c_int]),
        "ggml_backend_dev_type": (ctypes.c_int, [pointer]),
        "ggml_backend_dev_description": (text, [pointer]),
        "ggml_backend_dev_memory": (None, [pointer, ctypes.POINTER(size), ctypes.POINTER(size)]),
    }
    if ggml.ggml_backend_reg_by_name(b"RPC"):
        signatures["ggml_backend_rpc_init"] = (pointer, [text, ctypes.c_uint32])
        signatures["ggml_backend_rpc_add_server"] = (pointer, [text])
    for name, (result, arguments) in signatures.items():
        function = getattr(ggml, name)
        function.restype, function.argtypes = result, arguments
    return ggml

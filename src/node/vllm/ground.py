"""What vLLM needs of this machine, and of the command line, before it is started: each lack is one sentence."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ... import settings as setting
from ...engines.vllm import command, parsers
from ...engines.vllm.command import Wish
from ...errors import SettingError, StartError
from ...hardware.device import Device
from ...hardware.machine import Hardware
from ...models.catalogue import names
from ...settings import Settings
from .. import machine

PROGRAM = "vllm"
# Older ones lack what its kernels are made of.
LEAST_CAPABILITY = (7, 0)
KINDS = ("cuda", "rocm")
OTHER_ENGINE = "Without vLLM: --engine auto"


class NoVllm(StartError):
    code = "no_vllm"


def executable(variables: Mapping[str, str]) -> str:
    """On the PATH, or beside the Python that we run on."""
    places = os.pathsep.join(filter(None, (variables.get("PATH", ""), str(Path(sys.executable).parent))))
    found = shutil.which(PROGRAM, path=places)
    if not found:
        raise NoVllm(
            f"--engine vllm: there is no program '{PROGRAM}' on the PATH. Install it with: uv tool install vllm. "
            f"{OTHER_ENGINE}"
        )
    return found


def cards(hardware: Hardware, force: bool) -> list[Device]:
    """The GPUs that vLLM can compute on."""
    if hardware.system != "linux":
        raise NoVllm(f"--engine vllm: vLLM runs on Linux, and this is {hardware.system}. {OTHER_ENGINE}")
    found = [device for device in hardware.devices if device.kind in KINDS and _is_new_enough(device)]
    if not found and not force:
        raise NoVllm(
            f"--engine vllm: {_why_none(hardware)}. vLLM needs an NVIDIA GPU of compute capability 7.0 or newer, or "
            f"one of AMD with ROCm. {OTHER_ENGINE}, or try it all the same: --force"
        )
    return found


def lacks(settings: Settings) -> str:
    """The program; what is missing for it is an error."""
    found = executable(setting.environment())
    cards(machine.glance(setting.foreign()), settings.force)
    return found


def share(found: list[Device]) -> float:
    """Of each GPU's memory, so that what others hold of it does not end the start."""
    shares = [command.share(device.total, device.free) for device in found]
    return min((share for share in shares if share), default=0.0)


def wish(settings: Settings) -> Wish:
    model, name = _model(settings.model)
    folder = str(settings.models_dir.absolute()) if settings.models_dir else ""
    more = _more(settings.vllm_arguments)
    return Wish(model, name, parsers.of(model), settings.context, settings.instances, folder, more=more)


def _model(wanted: str | None) -> tuple[str, str]:
    """What vLLM is told to load, and the name under which it is served."""
    if wanted is None:
        raise SettingError("--engine vllm: which model? Name one of the hub, or a folder: --model ORG/NAME")
    match names.classify(wanted):
        case names.HubRepo(repo, None, None):
            return repo, repo
        case names.LocalPath(path) if path.suffix.lower() != ".gguf":
            if not (path / "config.json").is_file():
                raise SettingError(f"--model {wanted}: {path} is no folder of a model, for it has no config.json.")
            return str(path.absolute()), path.absolute().name
    raise SettingError(
        f"--engine vllm cannot serve {wanted}: it loads repositories of the hub and folders with safetensors. "
        f"Name one: --model ORG/NAME. {OTHER_ENGINE}"
    )


def _more(said: str | None) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(said or ""))
    except ValueError as error:
        raise SettingError(f"--vllm-arguments: {said} cannot be taken apart ({error}).") from None
    if flag := command.forbidden(words):
        raise SettingError(f"--vllm-arguments: {flag} is set by the node itself. Leave it out.")
    return words


def _is_new_enough(device: Device) -> bool:
    """Of AMD's and of unknown ones vLLM itself says what it thinks."""
    if device.kind != "cuda" or not device.architecture:
        return True
    return tuple(map(int, device.architecture.split("."))) >= LEAST_CAPABILITY


def _why_none(hardware: Hardware) -> str:
    return f"vLLM cannot compute on {', '.join(_in_words(hardware))}" if hardware.devices else "this machine has no GPU"


def _in_words(hardware: Hardware) -> Iterator[str]:
    for device in hardware.devices:
        yield f"{device.name} ({device.architecture})" if device.architecture else device.name

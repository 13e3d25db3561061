"""The libraries that run models in this process, llama.cpp and PyTorch, and whether they use the GPU."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..models import EMBEDDERS
from ..settings import Settings
from .base import Check, is_server
from .probe import probe_library

Probe = Callable[[str], dict[str, Any]]

_LLAMA_AGAIN = "pip install --force-reinstall --no-cache-dir llama-cpp-python"
_WHEELS = "install a build for it: github.com/abetlen/llama-cpp-python#installation"


def gpus() -> str:
    """The GPU of this machine, as its driver names it; empty if there is no GPU or no driver."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "Apple's"
    program = shutil.which("nvidia-smi")
    if program:
        names = _lines([program, "--query-gpu=name", "--format=csv,noheader"])
        if names:
            return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    if Path("/proc/driver/nvidia/version").exists() and os.path.lexists("/dev/nvidia0"):
        return "NVIDIA's"
    return "AMD's" if os.path.lexists("/dev/kfd") else ""


def gpu_checks(gpu: str) -> Iterator[Check]:
    """The GPU."""
    yield Check("GPU", gpu or "none found")


def llama_checks(settings: Settings, gpu: str, probe: Probe = probe_library) -> Iterator[Check]:
    """The build of llama.cpp. Only models that run in this process need it."""
    needed = runs_here(settings.llm.model)
    if find_spec("llama_cpp") is None:
        state, way = ("wrong", "pip install 'ragtree[local]'") if needed else ("note", "")
        yield Check("llama.cpp", "not installed", "wrong" if state == "wrong" else "note", way)
        return
    said = probe("llama_cpp")
    if "fault" in said:
        yield Check("llama.cpp", str(said["fault"]), "wrong" if needed else "note", _LLAMA_AGAIN)
        return
    kinds, offload, layers = said["kinds"], said["offload"], settings.llm.gpu_layers
    found = f"llama-cpp-python {said['version']}, built for {' and '.join(['CPU', *kinds])}"
    found += ", sees a GPU" if offload else ", sees no GPU"
    if layers and not offload and needed:
        way = "install the driver of the GPU" if kinds else _WHEELS
        yield Check(
            "llama.cpp", f"{found}, but llm.gpu_layers is {layers}", "wrong", f"set llm.gpu_layers to 0, or {way}"
        )
    elif gpu and not offload and needed:
        yield Check("llama.cpp", found, "note", f"the GPU is not used; {_WHEELS}")
    elif offload and not layers and needed:
        yield Check("llama.cpp", f"{found}, which llama.cpp does not use", "note", "--set llm.gpu_layers=-1 uses it")
    else:
        yield Check("llama.cpp", found)


def torch_checks(settings: Settings, gpu: str, probe: Probe = probe_library) -> Iterator[Check]:
    """PyTorch, and the device on which it embeds."""
    elsewhere = is_server(settings.embed.model) or EMBEDDERS.package(settings.embed.model.partition(":")[0])
    needed = not elsewhere and settings.embed.backend in ("auto", "torch")
    if find_spec("torch") is None:
        way = "pip install 'ragtree[local]'" if needed else ""
        yield Check("PyTorch", "not installed", "wrong" if needed else "note", way)
        return
    said = probe("torch")
    if "fault" in said:
        again = "pip install --force-reinstall torch"
        yield Check("PyTorch", str(said["fault"]), "wrong" if needed else "note", again)
        return
    device = f"{said['device']} ({said['name']})" if said["name"] else said["device"]
    build = f", built for {said['build']}" if said["build"] else ""
    found = f"{said['version']}{build}, embeds on {device}, {said['threads']} threads"
    if gpu and said["device"] == "cpu" and needed:
        yield Check("PyTorch", found, "note", "the GPU is not used; install a build for it: pytorch.org/get-started")
    else:
        yield Check("PyTorch", found)


def runs_here(name: str) -> bool:
    """True for a language model that llama.cpp runs in this process."""
    return name != "none" and not is_server(name)


def _lines(command: list[str]) -> list[str]:
    try:
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in ran.stdout.decode("utf-8", "replace").splitlines() if line.strip()]

"""Loads a native library and prints what it can do, as JSON on standard output.

It runs in a separate process: a build for another processor may crash it, and a driver may make it hang.

    python -m ragtree.diagnosis.probe llama_cpp
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_SECONDS = 60.0
"""Loading PyTorch takes 2 s, and ten times as long if it is not in the disk cache."""


def probe_library(name: str, seconds: float = _SECONDS) -> dict[str, Any]:
    """What the library reports. If it cannot be loaded, the only key is `fault`, which says why."""
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    try:
        ran = subprocess.run(
            [sys.executable, "-P", "-m", "ragtree.diagnosis.probe", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=seconds,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        return {"fault": f"did not load within {seconds:g} s"}
    except OSError as error:
        return {"fault": f"could not be started ({error.strerror or error})"}
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
        how = f"signal {-ran.returncode}" if ran.returncode < 0 else (said[-1] if said else f"status {ran.returncode}")
        return {"fault": f"cannot be loaded ({how[:200]})"}
    try:
        found = json.loads(ran.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {"fault": "printed no report when it was loaded"}
    return found if isinstance(found, dict) else {"fault": "printed no report when it was loaded"}


def llama_cpp() -> dict[str, Any]:
    """The version, the kinds of GPU that the build supports, and whether it sees one."""
    import llama_cpp as library

    files = [path.name.lower() for path in Path(library.__file__).parent.rglob("*ggml-*")]
    kinds = [
        kind for kind in ("cuda", "hip", "metal", "vulkan", "sycl", "opencl", "musa") if any(kind in f for f in files)
    ]
    return {
        "version": str(library.__version__),
        "kinds": kinds,
        "offload": bool(library.llama_supports_gpu_offload()),
        "system": library.llama_print_system_info().decode("utf-8", "replace"),
    }


def torch() -> dict[str, Any]:
    """The version and the devices."""
    import torch as library

    device, name = "cpu", ""
    if library.cuda.is_available():
        device, name = "cuda", str(library.cuda.get_device_name(0))
    elif library.backends.mps.is_available():
        device = "mps"
    elif getattr(library, "xpu", None) is not None and library.xpu.is_available():
        device = "xpu"
    build = next((f"{kind} {told}" for kind in ("cuda", "hip") if (told := getattr(library.version, kind, None))), "")
    return {
        "version": str(library.__version__),
        "device": device,
        "name": name,
        "threads": int(library.get_num_threads()),
        "build": build,
    }


_PROBES = {"llama_cpp": llama_cpp, "torch": torch}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_PROBES[sys.argv[1]]()) + "\n")

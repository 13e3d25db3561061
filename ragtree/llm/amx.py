"""A way around a crash of llama.cpp on processors with AMX (Xeon since Sapphire Rapids)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_LOADING = threading.Lock()


@contextmanager
def plain_buffers_on_amx() -> Iterator[None]:
    """Load models inside this context without repacking their weights, if the processor has AMX.

    Weights that are repacked for AMX are multiplied with a tile configuration that compilers drop, which crashes
    the whole process (ggml-org/llama.cpp, pull request 26954). `Llama` does not take the parameter that turns
    repacking off, so the parameter's default is changed while it loads.
    """
    from llama_cpp import llama_cpp

    if b"AMX_INT8 = 1" not in llama_cpp.llama_print_system_info():
        yield
        return
    with _LOADING:
        default: Callable[[], Any] = llama_cpp.llama_model_default_params

        def without_repacking() -> Any:
            parameters = default()
            parameters.use_extra_bufts = False
            return parameters

        llama_cpp.llama_model_default_params = without_repacking
        try:
            yield
        finally:
            llama_cpp.llama_model_default_params = default

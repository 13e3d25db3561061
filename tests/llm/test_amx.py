"""Where the processor has AMX, weights are not repacked for it: llama.cpp may crash on those."""

from __future__ import annotations

import pytest
from llama_cpp import llama_cpp

from ragtree.llm.amx import plain_buffers_on_amx


def repacks() -> bool:
    return bool(llama_cpp.llama_model_default_params().use_extra_bufts)


@pytest.mark.parametrize(("processor", "meanwhile"), [(b"AVX512 = 1 | AMX_INT8 = 1 | ", False), (b"AVX2 = 1 | ", True)])
def test_weights_stay_as_they_are_where_there_is_amx(
    processor: bytes, meanwhile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: processor)
    with plain_buffers_on_amx():
        assert repacks() is meanwhile
    assert repacks()


def test_a_model_that_cannot_be_loaded_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: b"AMX_INT8 = 1")
    with pytest.raises(ValueError, match="broken"), plain_buffers_on_amx():
        raise ValueError("broken")
    assert repacks()

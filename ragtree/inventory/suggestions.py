"""Language models to download. All are Apache-2.0, answer without thinking first, and are a single file each."""

from __future__ import annotations

from .base import Suggestion

KNOWN = (
    Suggestion("hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf", 0.5, "Apache-2.0"),
    Suggestion("hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF/qwen2.5-1.5b-instruct-q4_k_m.gguf", 1.1, "Apache-2.0"),
    Suggestion("hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q4_K_M.gguf", 2.5, "Apache-2.0"),
    Suggestion("hf:bartowski/Qwen2.5-7B-Instruct-GGUF/Qwen2.5-7B-Instruct-Q4_K_M.gguf", 4.7, "Apache-2.0"),
    Suggestion("hf:bartowski/Qwen2.5-14B-Instruct-GGUF/Qwen2.5-14B-Instruct-Q4_K_M.gguf", 9.0, "Apache-2.0"),
    Suggestion(
        "hf:unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF/Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf", 18.6, "Apache-2.0"
    ),
)
"""By size; the better ones are larger. The last one uses a tenth of its weights per token, so it is fast."""

_BESIDE = 2.5
"""Gigabytes for the embedder, the context, and the system."""
_COUNT = 3


def suggestions(memory: int) -> tuple[Suggestion, ...]:
    """Three models for a machine with this much memory (bytes), best first: the largest that fit, or the smallest."""
    room = memory / 1e9 - _BESIDE
    fitting = [one for one in KNOWN if one.gigabytes <= room]
    return tuple(reversed(fitting[-_COUNT:] if len(fitting) >= _COUNT else KNOWN[:_COUNT]))

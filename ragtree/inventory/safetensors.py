"""The header of a safetensors file, which says how long the file has to be (huggingface.co/docs/safetensors)."""

from __future__ import annotations

import json
import struct
from pathlib import Path

_MOST_HEAD = 100_000_000


def why_broken(path: Path) -> str:
    """Why the file cannot be used; empty if it is complete. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else _MOST_HEAD + 1
        if length > _MOST_HEAD:
            return "it is not a safetensors file, or is incomplete"
        try:
            entries = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__"]
            whole = 8 + length + int(max(ends, default=0))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return "its header is damaged or incomplete"
    return f"it is incomplete: {size / 1e6:.0f} MB of {whole / 1e6:.0f} MB" if size < whole else ""

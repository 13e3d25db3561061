"""Model files of a few bytes, and the caches that they lie in."""

from __future__ import annotations

import json
import struct
from pathlib import Path


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(architecture: str = "llama", context: int = 2048, numbers: int = 64, version: int = 3) -> bytes:
    """A whole file with one tensor of float32."""
    entries = [
        text("general.architecture") + struct.pack("<I", 8) + text(architecture),
        text(f"{architecture}.context_length") + struct.pack("<II", 4, context),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3) + text("a") + text("b") + text("c"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 3) + struct.pack("<3f", 1, 2, 3),
        text("general.ok") + struct.pack("<I?", 7, True),
    ]
    tensor = text("weight") + struct.pack("<IQIQ", 1, numbers, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(entries)) + b"".join(entries) + tensor
    head += b"\0" * (-len(head) % 32)
    return head + b"\0" * (4 * numbers)


def safetensors(size: int = 64) -> bytes:
    """A whole file with one tensor."""
    head = json.dumps({"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(head)) + head + b"\0" * size


def in_hub(hub: Path, name: str, files: dict[str, bytes]) -> Path:
    """A repository in the cache, its files linked to blobs."""
    repository = hub / f"models--{name.replace('/', '--')}"
    snapshot = repository / "snapshots" / "abc"
    (repository / "blobs").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc", encoding="ascii")
    for number, (path, data) in enumerate(files.items()):
        blob = repository / "blobs" / f"blob{number}"
        blob.write_bytes(data)
        (snapshot / path).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / path).symlink_to(blob)
    return snapshot

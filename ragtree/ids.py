"""Ids that are made from content."""

from __future__ import annotations

import hashlib


def hash_id(*parts: str) -> str:
    """An id for some texts, in this order: 128 bits of their SHA-256 hash, in hex."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]

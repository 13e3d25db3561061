"""Names for content."""

from __future__ import annotations

import hashlib


def hash_id(*parts: str) -> str:
    """A short name for some texts: 128 bits in hex."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]

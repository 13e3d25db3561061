"""The months that a text names: moved to `ragtree.months`."""

from __future__ import annotations

from ..months import NAME, NUMBERS, months

__all__ = ["NAME", "NUMBERS", "months"]

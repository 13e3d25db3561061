"""Questions that a model asks on its way to an answer."""

from __future__ import annotations

from collections.abc import Sequence

from .terms import terms


def leads_on(question: str, asked: Sequence[str]) -> bool:
    """True if a question has words of its own: it is not one of those `asked` already, in part or in another order."""
    new = set(terms(question))
    return bool(new) and not any(new <= set(terms(text)) for text in asked)

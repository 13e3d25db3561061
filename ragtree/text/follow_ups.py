"""Questions that a model asks on its way to an answer."""

from __future__ import annotations

from collections.abc import Sequence

from .terms import terms


def asks_something_new(question: str, asked: Sequence[str]) -> bool:
    """True if a question asks something new: it has terms, and no question in `asked` contains all of them."""
    new = set(terms(question))
    return bool(new) and not any(new <= set(terms(text)) for text in asked)

"""What a chunker is: a text -> spans that cover it."""

from __future__ import annotations

from typing import Protocol

from ..types import Span


class Chunker(Protocol):
    """Cuts a text into chunks."""

    fingerprint: str
    """Changes when the same text would be cut in another way."""

    def chunk(self, text: str) -> list[Span]:
        """Contiguous spans that cover `text` whole; none is only white space unless the text is.

        An empty text has no spans.
        """
        ...

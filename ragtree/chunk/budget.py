"""The token limit of a chunk: which spans fit, and how the others are cut."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..text.tokens import count_tokens, encoding
from ..types import Span

_WINDOW = 20_000
"""Characters given to the tokenizer at once: a megabyte without white space would take minutes."""
_SPACE = re.compile(r"\s{1,16}(?!\s)")
_WORD_REACH = 0.25
"""Largest share of a piece that is given up so that it ends between words."""


class ChunkLimit:
    """The limit for the chunks of one text. The text is encoded once, so that most spans need no counting."""

    def __init__(self, text: str, tokens: int) -> None:
        self.text = text
        self.tokens = tokens
        self._starts = _token_starts(text)

    def about(self, span: Span) -> int:
        """Number of tokens that begin in the span: its token count, except for a few at its ends."""
        return bisect_left(self._starts, span.end) - bisect_left(self._starts, span.start)

    def fits(self, span: Span) -> bool:
        """True if the span, without the white space around it, has no more tokens than a chunk may have."""
        if self.about(span) > 2 * self.tokens + 8:
            return False
        return count_tokens(span.of(self.text).strip()) <= self.tokens

    def cut(self, span: Span, full: bool = False) -> Iterator[Span]:
        """Yield the span in pieces that fit, and that end between words if there are any.

        The pieces are of about equal length, or with `full` as long as they can be.
        """
        if self.fits(span):
            yield span
            return
        about = self.about(span)
        step = self.tokens if full else -(-about // (about // self.tokens + 1))
        at = span.start
        while at < span.end:
            end = self._end(at, span.end, step)
            yield Span(at, end)
            at = end

    def _end(self, at: int, last: int, step: int) -> int:
        first = bisect_left(self._starts, at)
        while True:
            stop = self._starts[first + step] if first + step < len(self._starts) else last
            end = min(last, self._between_words(at, stop)) if stop < last else last
            if end <= at + 1:
                return at + 1
            if self.fits(Span(at, end)):
                return end
            step -= max(1, step // 16)
            if step < 1:
                return at + 1

    def _between_words(self, at: int, stop: int) -> int:
        """The end of a word near `stop`, with the white space after it; `stop` if there is none."""
        text = self.text
        space = _SPACE.match(text, stop)
        if space:
            return space.end()
        least = stop - int((stop - at) * _WORD_REACH)
        return next(
            (end for end in range(stop, least, -1) if text[end - 1].isspace() and not text[end].isspace()), stop
        )


def pack(pieces: Iterable[Span], budget: ChunkLimit) -> list[Span]:
    """Contiguous pieces -> chunks: each is filled until the next piece would not fit; longer pieces are cut."""
    chunks: list[Span] = []
    for whole in pieces:
        for piece in budget.cut(whole):
            if chunks and budget.fits(Span(chunks[-1].start, piece.end)):
                chunks[-1] = Span(chunks[-1].start, piece.end)
            else:
                chunks.append(piece)
    return chunks


def join_blank(text: str, chunks: list[Span]) -> list[Span]:
    """The chunks, with those of only white space joined to their neighbours."""
    kept = [span for span in chunks if span.of(text).strip()]
    if not kept:
        return chunks[:1] if not chunks else [Span(chunks[0].start, chunks[-1].end)]
    bounds = [chunks[0].start, *(span.start for span in kept[1:]), chunks[-1].end]
    return [Span(start, end) for start, end in pairwise(bounds)]


def _token_starts(text: str) -> list[int]:
    """Where the tokens of the text begin, ascending."""
    starts: list[int] = []
    for begin in range(0, len(text), _WINDOW):
        tokens = encoding().encode_ordinary(text[begin : begin + _WINDOW])
        starts.extend(begin + start for start in encoding().decode_with_offsets(tokens)[1])
    return starts

"""Cuts an edited document where it was cut before, except in the edited places.

Chunkers that fill chunks from the start of a text would move every cut after an inserted word; then everything after
it would be embedded and summarized again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from ..types import Document, Span
from .base import Chunker
from .budget import join_blank

_MOST_MORE = 1.25
"""Many edits may leave up to this many times the chunks of a fresh cut; with more, all is cut afresh."""


class KeepingChunker:
    """Keeps the chunks that are still there, and cuts between them with a chunker that goes by the text alone."""

    def __init__(self, chunker: Chunker, before: Sequence[str]) -> None:
        """`before` are the texts of the chunks that the document had, in reading order."""
        self.fingerprint = chunker.fingerprint
        self._chunker = chunker
        self._before = before

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        kept = _still_there(self._before, text)
        spans: list[Span] = []
        at = 0
        for span in [*kept, Span(len(text), len(text))]:
            if at < span.start:
                part = replace(document, text=text[at : span.start], marks=(), blocks=())
                spans.extend(Span(at + start, at + end) for start, end in self._chunker.chunk(part))
            if span.start < span.end:
                spans.append(span)
            at = span.end
        fresh = self._chunker.chunk(document)
        return join_blank(text, spans) if len(spans) <= _MOST_MORE * len(fresh) + 1 else fresh


def _still_there(before: Sequence[str], text: str) -> list[Span]:
    """The spans of old chunks in the text: those with which it still begins and ends, and between these the longest
    sequence that kept its order, of chunks that occur once."""
    front: list[Span] = []
    at = 0
    for chunk in before:
        if not text.startswith(chunk, at):
            break
        front.append(Span(at, at + len(chunk)))
        at += len(chunk)
    back: list[Span] = []
    end = len(text)
    for chunk in reversed(before[len(front) :]):
        if not text.endswith(chunk, at, end):
            break
        back.append(Span(end - len(chunk), end))
        end -= len(chunk)
    found: list[Span] = []
    for chunk in dict.fromkeys(before[len(front) : len(before) - len(back)]):
        start = text.find(chunk, at, end)
        if chunk.strip() and start >= 0 and text.find(chunk, start + 1, end) < 0:
            found.append(Span(start, start + len(chunk)))
    return [*front, *_without_overlap(_longest_rise(found)), *reversed(back)]


def _longest_rise(spans: Sequence[Span]) -> list[Span]:
    """The longest subsequence whose starts rise (patience sorting)."""
    tops: list[int] = []
    rows: list[int] = []
    before: list[int | None] = []
    for number, span in enumerate(spans):
        pile = bisect_left(tops, span.start)
        before.append(rows[pile - 1] if pile else None)
        if pile == len(tops):
            tops.append(span.start)
            rows.append(number)
        else:
            tops[pile], rows[pile] = span.start, number
    chain: list[Span] = []
    at = rows[-1] if rows else None
    while at is not None:
        chain.append(spans[at])
        at = before[at]
    return chain[::-1]


def _without_overlap(spans: Sequence[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
    return kept

"""All pages of a document -> its text."""

from __future__ import annotations

from ...types import Block, Mark
from .base import Page
from .block_text import Joiner, make_text
from .continued import with_joined_tables
from .figures import with_figures
from .furniture import without_furniture
from .headings import Outline, body_style, mark_headings
from .paragraphs import BlockDraft, make_drafts
from .unsure import with_unsure

_NO_TITLE = frozenset(
    "abstract summary contents preface introduction inhalt inhaltsverzeichnis sommaire résumé índice".split()
) | {"table of contents", "table des matières"}
"""Headings that may be in any document, and are not its title."""


def make_document(pages: list[Page], outline: Outline) -> tuple[str, tuple[Mark, ...], tuple[Block, ...], str]:
    """The text, marks, blocks and title of a document. The title is the largest heading of the first page, or empty."""
    pages = [page for page in without_furniture(pages) if page.regions or page.comments or page.figures]
    if not pages:
        return "", (), (), ""
    body = body_style(pages)
    of_pages: list[list[BlockDraft]] = []
    for page in pages:
        own = [draft for frame, lines in page.regions for draft in make_drafts(page.number, frame, lines, body)]
        own = with_figures(own, page)
        if page.comments is not None:
            frame, lines = page.comments
            own += (BlockDraft("comment", page.number, frame, [line], [True]) for line in lines)
        of_pages.append(own)
    drafts = with_joined_tables(of_pages, pages)
    mark_headings(drafts, body, outline)
    joiner = Joiner(line for page in pages for _, lines in page.regions for line in lines if not line.is_table)
    text, marks, blocks = make_text(drafts, joiner)
    return text, marks, with_unsure(blocks, text, pages), _title(drafts)


def _title(drafts: list[BlockDraft]) -> str:
    """The largest heading of the first page; empty if two are as large, or if it is no title."""
    first = [draft for draft in drafts if draft.page == drafts[0].page]
    headings = [draft for draft in first if draft.kind == "heading"]
    if not headings:
        return ""
    largest = max(headings, key=lambda draft: draft.size)
    others = [draft.size for draft in headings if draft is not largest]
    alone = not others or largest.size > max(others)
    named = not largest.text[0].isdigit() and largest.text.lower().strip(" .:") not in _NO_TITLE
    return largest.text if alone and named else ""

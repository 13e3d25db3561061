"""What a sync has done, collected on the way; and what it says if there is nothing to index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..reports import Notice, Skipped, SyncReport
from ..store.catalog import Catalog
from .request import SyncRequest


@dataclass(slots=True)
class SyncOutcome:
    """What a sync has done so far, mostly as ids of documents; in the end, its report."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Skipped] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def report(self, request: SyncRequest, catalog: Catalog, ignored: Mapping[str, int] | None = None) -> SyncReport:
        """All of it, with what the builders and the budget have counted. `ignored` are files by the reason."""
        spending, builders = request.spending, request.builders
        return SyncReport(
            added=tuple(sorted(self.added)),
            changed=tuple(sorted(self.changed)),
            renamed=tuple(sorted(self.renamed)),
            removed=tuple(self.removed),
            unchanged=self.unchanged,
            skipped=tuple(sorted([*self.skipped, *self.failed], key=lambda one: one.source)),
            notices=tuple(sorted(self.notices, key=lambda one: one.source)),
            ignored=ignored or {},
            embedded=builders.vectors.embedded,
            cut_texts=builders.vectors.cut_texts,
            summarized=builders.summarizer.summarized,
            without_context=builders.chunking.without_context,
            nodes=sum(catalog.level_sizes()),
            seconds=spending.seconds,
            waiting=tuple(self.waiting),
            unwritten=builders.summarizer.unwritten,
            left_out=builders.summarizer.left_out,
            over_budget=bool(self.waiting) or spending.refused,
            calls=spending.calls,
            prompt_tokens=spending.prompt_tokens,
            answer_tokens=spending.answer_tokens,
            stale=catalog.condition().stale,
        )


def nothing_to_index(folder: str, skipped: Sequence[Skipped], ignored: Mapping[str, int]) -> str:
    """Why there is no document, in one sentence."""
    if not skipped:
        count = sum(ignored.values())
        left = f" ({count} ignored)" if count else ""
        return f"there is no document in {folder}{left}; put .md, .txt, .html, .pdf or .docx files into it"
    first = min(skipped, key=lambda one: one.source)
    return f"none of the {len(skipped)} files in {folder} can be read; the first is {first.source}: {first.reason}"

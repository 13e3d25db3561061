"""Estimates how much work some documents are, from a sample of them and the speed of this machine.

The number of groups follows from a document's tokens. Groups fill about the same share of `tree.group_tokens` in every
folder, as measured on examples/library and on 40 files each of folder-peps and folder-rustbook.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from ..chunk.written_context import CONTEXT_TOKENS
from ..cluster.goal import MOST_CALLS
from ..indexing.builders import Builders
from ..indexing.collection import CollectionBuilder
from ..indexing.figures import ANSWER_TOKENS as DESCRIPTION_TOKENS
from ..indexing.figures import describing
from ..labels.naming import ANSWER_TOKENS
from ..llm.base import PICTURE_TOKENS, TURN_TOKENS, ChatModel, requests_at_once
from ..prompting import fence, template
from ..reports import Plan
from ..settings import Settings
from ..store.catalog import Catalog
from ..summarize.fitting import messages_of
from ..summarize.hybrid import READ_TOKENS
from ..text.tokens import count_tokens
from ..types import Document, Node
from .speed import Pace, model_speed

T = TypeVar("T")

_FILL_SECTIONS = 0.65
"""Share of a group's token budget that sections fill: .65 to .68 on the three folders."""
_FILL_CLUSTERS = 0.55
"""The same for clusters and themes: .54 to .63."""
_FILL_SUMMARY = 0.94
"""Share of `summarize.tokens` that an extractive summary fills."""
_MOST_NEW = 0.5
"""If more than this share of the documents is new, the tree over them is rebuilt (`collection`)."""


def evenly_spaced(items: Sequence[T], most: int) -> list[T]:
    """At most `most` of the items, evenly spaced."""
    if len(items) <= most:
        return list(items)
    return [items[int((number + 0.5) * len(items) / most)] for number in range(most)]


@dataclass(frozen=True, slots=True)
class Work:
    """A document whose tree is to be built."""

    id: str
    size: float
    """Bytes of its file, or tokens of its chunks in the index."""
    kind: str
    """The suffix of its file; empty for a document that is rebuilt from its text in the index."""
    document: Document | None = None
    """Its text, if it is in the sample."""


@dataclass(frozen=True, slots=True)
class DocumentLength:
    """How long a document is, measured or estimated."""

    tokens: float
    chunks: float
    pages: float
    embedded: float
    """Share of the chunks that have no vector yet, 0 to 1."""
    changed: float
    """Share of the chunks above which summaries have to be written again, 0 to 1."""
    headed: float
    """1 if its sections follow headings, else 0; an average in between if that is not known."""


_UNKNOWN = DocumentLength(0.25, 0.0025, 0.0, 1.0, 1.0, 1.0)
"""Per byte, if no file could be parsed: that of English text."""


@dataclass(slots=True)
class _Groups:
    """The nodes that there would be, and the summaries that would be written for them."""

    levels: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    summaries: float = 0.0
    read: float = 0.0
    """Tokens of the texts to be summarized."""
    themes: float = 0.0
    """Themes, with the collection, that would be made again."""
    theme_tokens: float = 0.0
    """Tokens of the texts to be summarized for themes; included in `read`."""
    clustered: list[float] = field(default_factory=list)
    """The number of members of every level over the documents that is clustered."""


def estimate_costs(
    plan: Plan, work: Sequence[Work], catalog: Catalog, settings: Settings, builders: Builders, measure: bool
) -> Plan:
    """The plan with its costs filled in. Raises ModelError if a model that is needed fails."""
    started = time.monotonic()
    sample = {one.id: (one.document, *_cut(one, catalog, builders)) for one in work if one.document is not None}
    chunking = time.monotonic() - started
    cuts = _cuts(work, {key: cut for key, (_, _, cut) in sample.items()})
    groups = _groups(plan, work, cuts, catalog, settings, builders)
    tokens = sum(cut.tokens * cut.embedded for cut in cuts)
    sampled = max(1, sum(len(chunks) for _, chunks, _ in sample.values()))
    contexts = len(builders.chunking.unasked) * sum(cut.chunks for cut in cuts) / sampled
    model = builders.llm()
    calls = _calls(groups, contexts, settings, builders, model if measure else None)
    pictures = _picture_calls(plan.figures, settings)
    seconds: dict[str, float] = {}
    loading = 0.0
    if measure:
        pace = Pace(builders.vectors, [(document, chunks) for document, chunks, _ in sample.values()])
        summary = _FILL_SUMMARY * settings.summarize.tokens
        alone = groups.theme_tokens + groups.themes * summary + pace.title_tokens * len(work)
        if builders.summarizer.asks_a_model:  # its sentences and those of the group are embedded alone, to be compared
            alone += groups.read + 2 * groups.summaries * summary
        seconds = pace.seconds(
            chunks=sum(cut.chunks for cut in cuts),
            chunking=chunking / sampled,
            tokens=tokens,
            alone=alone,
            groups=groups.summaries,
            nodes=sum(groups.levels.values()) if work else groups.themes,
        )
        loading = pace.loading
    if measure and model is not None and any(number for number, _, _ in calls):
        begun = time.monotonic()
        model.count("loaded")
        loading += time.monotonic() - begun
        some = [chunk.text for _, chunks, _ in sample.values() for chunk in chunks][:12] or ["loaded"]
        messages = messages_of("summarize", _fenced(some), settings.summarize, settings.prompts, "English")
        reading, writing = model_speed(model, messages, settings.summarize.tokens)
        once = sum(number * (read * reading + written * writing) for number, read, written in calls)
        seconds["language model"] = once / requests_at_once(model)
    return replace(
        plan,
        chunks=round(sum(cut.chunks * cut.embedded for cut in cuts)),
        tokens=round(tokens),
        summaries=round(groups.summaries),
        pages=round(sum(cut.pages for one, cut in zip(work, cuts, strict=True) if one.kind)),
        levels=_levels(plan, work, groups, catalog),
        calls=round(sum(number for number, _, _ in (*calls, pictures))),
        prompt_tokens=round(sum(number * read for number, read, _ in (*calls, pictures))),
        answer_tokens=round(sum(number * written for number, _, written in (*calls, pictures))),
        seconds=seconds,
        paid={"loading": loading} if measure else {},
    )


# --- chunks


def _cut(one: Work, catalog: Catalog, builders: Builders) -> tuple[list[Node], DocumentLength]:
    """The chunks of a document of the sample, and its length."""
    assert one.document is not None
    before = [placed.node for placed in catalog.of_document(one.id) if not placed.node.level]
    built, now = catalog.built(one.id).split("\n"), builders.fingerprint.split("\n")
    chunks = builders.chunking.chunks_of(one.document, before if built[0] == now[0] else ())
    old = {(chunk.id, chunk.context) for chunk in before}
    new = sum((chunk.id, chunk.context) not in old for chunk in chunks) / max(1, len(chunks))
    return chunks, DocumentLength(
        tokens=sum(chunk.tokens + (count_tokens(chunk.context) if chunk.context else 0) for chunk in chunks),
        chunks=len(chunks),
        pages=max((mark.location.page or 0 for mark in one.document.marks), default=0),
        embedded=new if built[1:2] == now[1:2] else 1.0,
        changed=new if one.kind and built == now else 1.0,
        headed=float(len({chunk.location.heading for chunk in chunks}) > 1),
    )


def _cuts(work: Sequence[Work], measured: Mapping[str, DocumentLength]) -> list[DocumentLength]:
    """The length of every document: measured for the sample, estimated by size for the others."""
    sizes: dict[str, list[tuple[float, DocumentLength]]] = defaultdict(list)
    for one in work:
        if one.id in measured:
            for kind in {one.kind, "any" if one.kind else ""}:
                sizes[kind].append((one.size, measured[one.id]))
    usual = {kind: _usual(found) for kind, found in sizes.items()}
    cuts = []
    for one in work:
        rate = usual.get(one.kind) or usual.get("any") or _UNKNOWN
        tokens, chunks, pages = rate.tokens * one.size, rate.chunks * one.size, rate.pages * one.size
        cuts.append(measured.get(one.id) or replace(rate, tokens=tokens, chunks=chunks, pages=pages))
    return cuts


def _usual(found: Sequence[tuple[float, DocumentLength]]) -> DocumentLength:
    """The average length per unit of size."""
    size = max(1.0, sum(size for size, _ in found))
    tokens = sum(cut.tokens for _, cut in found)

    def share(of: Callable[[DocumentLength], float]) -> float:
        return sum(cut.tokens * of(cut) for _, cut in found) / max(1.0, tokens)

    return DocumentLength(
        tokens=tokens / size,
        chunks=sum(cut.chunks for _, cut in found) / size,
        pages=sum(cut.pages for _, cut in found) / size,
        embedded=share(lambda cut: cut.embedded),
        changed=share(lambda cut: cut.changed),
        headed=share(lambda cut: cut.headed),
    )


# --- trees


def _groups(
    plan: Plan,
    work: Sequence[Work],
    cuts: Sequence[DocumentLength],
    catalog: Catalog,
    settings: Settings,
    builders: Builders,
) -> _Groups:
    """The trees of the documents to build, and what has to be built above them."""
    found = _Groups()
    above = builders.above
    if above is None:
        found.levels[0] = sum(cut.chunks for cut in cuts)
        return found
    documents = isinstance(above, CollectionBuilder)
    unwritten = int(catalog.facts().unwritten or 0)
    summary = _FILL_SUMMARY * settings.summarize.tokens
    count, members = 0.0, 0.0
    for cut in cuts:
        found.levels[0] += cut.chunks
        if not documents:
            count, members = count + cut.chunks, members + cut.tokens
            continue
        count, members = count + 1, members + min(cut.tokens, summary)
        _add_tree(found, cut, settings, summary)
    built = {one.id for one in work}
    if built and not plan.settings_changed and not plan.files and unwritten:  # only what is unfinished
        found.read *= min(1.0, unwritten / max(1.0, found.summaries))
        found.summaries = min(found.summaries, unwritten)
    height = max((level for level, number in found.levels.items() if number), default=0)
    left = built.union(plan.removed)
    kept = [
        entry for entry in catalog.entries(("document" if documents else "chunk",)) if entry.document_id not in left
    ]
    height = max([height, *(entry.level for entry in kept)])
    affected = count + (len(plan.removed) if documents else 0)
    count, members = count + len(kept), members + sum(entry.tokens for entry in kept)
    facts = catalog.facts()
    whole = facts.collection != above.fingerprint or facts.first_build == "yes" or settings.tree.cluster == "llm"
    whole = whole or len(plan.added) > _MOST_NEW * count
    stale = max(settings.tree.stale_share, 1e-9) if documents else 1e-9
    _add_above(found, count, members, height, count if whole else affected, stale, settings, summary)
    return found


def _add_tree(found: _Groups, cut: DocumentLength, settings: Settings, summary: float) -> None:
    """Add the sections of a document, level by level, and its document node."""
    by_headings = 0.0 if settings.tree.shape == "clusters" else cut.headed
    fill = _FILL_CLUSTERS + by_headings * (_FILL_SECTIONS - _FILL_CLUSTERS)
    tokens, count, level = cut.tokens, cut.chunks, 1
    new = cut.changed * cut.chunks
    while tokens > settings.tree.group_tokens and count > 2:
        groups = min(count - 1, max(2.0, tokens / (fill * settings.tree.group_tokens)))
        due = min(groups, new)
        found.levels[level] += groups
        found.summaries += due
        found.read += tokens * due / groups
        tokens, count, level = groups * summary, groups, level + 1
    found.levels[level] += 1
    if tokens > settings.summarize.tokens and new:
        found.summaries += 1
        found.read += tokens


def _add_above(
    found: _Groups,
    count: float,
    tokens: float,
    height: int,
    affected: float,
    stale: float,
    settings: Settings,
    summary: float,
) -> None:
    """Add the themes and the collection over `count` documents with `tokens`, of which `affected` are new, changed or
    gone."""
    everything, level = max(1.0, count), height + 1
    while count:
        alone = tokens <= settings.tree.group_tokens or count < 2
        groups = 1.0 if alone else min(count - 1, max(2.0, tokens / (_FILL_CLUSTERS * settings.tree.group_tokens)))
        due = min(groups, affected, groups * affected / (everything * stale))
        if tokens > settings.summarize.tokens:
            found.summaries += due
            found.read += tokens * due / groups
            found.theme_tokens += tokens * due / groups
        found.levels[level] += groups
        found.themes += due
        if alone:
            return
        found.clustered.append(count)
        tokens, count, level = groups * summary, groups, level + 1


def _levels(plan: Plan, work: Iterable[Work], groups: _Groups, catalog: Catalog) -> tuple[int, ...]:
    """The number of nodes at each level: those to build, and those that stay."""
    counts = dict(groups.levels)
    gone = {*(one.id for one in work), *plan.removed}
    for entry in catalog.entries(("chunk", "section", "document")):
        if entry.document_id not in gone:
            counts[entry.level] = counts.get(entry.level, 0) + 1
    return tuple(max(1, round(counts.get(level, 0))) for level in range(max(counts, default=-1) + 1))


# --- the language model


def _calls(
    groups: _Groups, contexts: float, settings: Settings, builders: Builders, model: ChatModel | None
) -> list[tuple[float, float, float]]:
    """For each kind of call of the language model: how many, and the tokens that each reads and writes on average."""
    count = model.count if model is not None else count_tokens
    calls = []

    def tokens_of(name: str) -> int:
        return count(template(name, settings.prompts)) + 2 * TURN_TOKENS

    if builders.summarizer.asks_a_model and groups.summaries:
        read = groups.read / groups.summaries
        if settings.summarize.kind == "hybrid":
            read = min(read, READ_TOKENS)
        fences = max(1.0, read / settings.chunk.tokens) * count(fence(1, ""))
        calls.append((groups.summaries, tokens_of("summarize") + read + fences, float(settings.summarize.tokens)))
    if contexts:
        asked = evenly_spaced(builders.chunking.unasked, 20)
        read = float(np.mean([sum(count(one.content) + TURN_TOKENS for one in messages) for messages in asked]))
        calls.append((contexts, read, CONTEXT_TOKENS / 2))
    if builders.llm() is not None and groups.themes:
        read = tokens_of("label") + settings.summarize.tokens
        if settings.tree.labels == "llm":
            calls.append((groups.themes, read, ANSWER_TOKENS / 2))
        if settings.tree.cluster == "llm":
            asked_of = sum(1 + min(number, MOST_CALLS) for number in groups.clustered)
            calls.append((asked_of, read, ANSWER_TOKENS / 2))
    return calls


def _picture_calls(figures: int, settings: Settings) -> tuple[float, float, float]:
    """The same for the vision model. How long it takes is not known before it is paid."""
    prompt = describing(settings)
    read = PICTURE_TOKENS + count_tokens(prompt.system) + count_tokens(prompt.user) + 2 * TURN_TOKENS
    return float(figures), float(read), DESCRIPTION_TOKENS / 2


def _fenced(texts: Sequence[str]) -> str:
    return "\n".join(fence(number, text) for number, text in enumerate(texts, start=1))

"""What a sync would do and cost: counted where it can be, measured on this machine where it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ...chunk.written import CONTEXT_TOKENS
from ...cluster.base import ReadingClusterer
from ...cluster.kmeans import KMeans
from ...llm.base import ChatModel, Message, prompt_tokens, requests_at_once
from ...reports import Plan
from ...summarize.base import Summarizer
from ...tokens import count_tokens
from ...types import Document, Node, Vectors
from ..changes import Changes
from ..labelling.naming import ANSWER_TOKENS
from ..methods import make_summarizer
from ..projecting import kept_projection, shortened
from ..regrow import Regrowth
from .forecast import Forecast, forecast
from .forecast_following import forecast_following
from .measuring import model_speed, seconds_a_token, storing_seconds
from .rehearsal import Listener, Prompt, Rehearsal, rehearse
from .word_vectors import StandIn

T = TypeVar("T")

_EMBED_NOW = 64
"""New chunks that are embedded for a plan, so that it can group for real and look the summaries up."""


def make_plan(regrowth: Regrowth, changes: Changes, reading: float, measure: bool) -> Plan:
    """The plan of a growing over these changes, which took so many seconds to read.

    Without `measure` no model is loaded, no time is told, and the language model's tokens are counted as cl100k does.
    Raises ModelError where a model that is due fails.
    """
    plan = Plan(
        *changes.ids(),
        settings_changed=regrowth.has_other_settings(),
        unfinished=regrowth.is_unfinished(),
        pages=sum(_pages(document) for document in regrowth.new_documents(changes)),
        paid={"reading": reading} if measure else {},
    )
    return _Planning(regrowth, changes).fill(plan, measure) if changes or regrowth.is_due() else plan


def _pages(document: Document) -> int:
    return max((mark.location.page or 0 for mark in document.marks), default=0)


class _Planning:
    """The steps of one plan, each from what those before it found."""

    def __init__(self, regrowth: Regrowth, changes: Changes) -> None:
        self._regrowth = regrowth
        self._settings = regrowth.settings
        self._changes = changes
        started = time.monotonic()
        self._followed = regrowth.following(changes)
        self._vectors = regrowth.vectors(changes)
        if self._followed is None:
            self._leaves = regrowth.leaves(changes)
        else:
            cut = self._followed[1]
            self._leaves = regrowth.leaves(changes, cut=cut.change.cut)
            self._vectors.carried.update(cut.carried)
        self._seconds = {"chunking": time.monotonic() - started}
        self._loading = 0.0
        self._vectors.projection = kept_projection(regrowth.catalog)
        self._missing = self._vectors.missing(self._leaves)

    def fill(self, plan: Plan, measure: bool) -> Plan:
        """The plan with what it costs."""
        rehearsal = self._rehearse()
        tree = self._forecast(rehearsal.summary_tokens, measure)
        if measure and (self._missing or tree.summaries):
            self._load(self._regrowth.growing.embedder.embed, ["loaded"])
            self._measure_embedding(tree, rehearsal)
        asks = self._prompts(rehearsal) if tree.summaries or self._regrowth.cutting.unasked else []
        model = self._regrowth.growing.llm() if measure and asks else None
        if model is not None:
            self._load(model.count, "loaded")
        calls, read, written = self._asked(tree, rehearsal, model)
        if model is not None:
            reading, writing = model_speed(model, *sorted(asks, key=_length)[len(asks) // 2])
            self._seconds["language model"] = (read * reading + written * writing) / requests_at_once(model)
        return replace(
            plan,
            chunks=len(self._missing),
            tokens=sum(leaf.tokens for leaf in self._missing),
            summaries=tree.summaries,
            levels=(len(self._leaves), *tree.levels) if self._leaves else (),
            calls=calls,
            prompt_tokens=read,
            answer_tokens=written,
            seconds=self._seconds if measure else {},
            paid={**plan.paid, "loading": self._loading} if measure else {},
        )

    def _load(self, call: Callable[[T], object], argument: T) -> None:
        """The first call of a model, which loads it."""
        started = time.monotonic()
        call(argument)
        self._loading += time.monotonic() - started

    def _rehearse(self) -> Rehearsal:
        growing, settings = self._regrowth.growing, self._settings

        def make(words: StandIn, listener: Listener) -> Summarizer:
            return make_summarizer(
                settings, words, lambda: listener if growing.llm() is not None else None, growing.trusted
            )

        leaves = self._leaves if self._regrowth.clusterer is not None else []
        return rehearse(leaves, settings.tree.group_tokens, make, settings.llm.context)

    def _forecast(self, summary_tokens: int, measure: bool) -> Forecast:
        clusterer = self._regrowth.clusterer
        if clusterer is None:
            return Forecast((), 0, 0, 0, 0.0)
        if isinstance(clusterer, ReadingClusterer):  # what it would ask the model is not known before
            clusterer = KMeans(self._settings.tree)
        vectors = self._vectors.kept(self._leaves)
        if measure and 0 < len(self._missing) <= _EMBED_NOW:
            self._load(self._regrowth.growing.embedder.embed, ["loaded"])
            rows = shortened(self._vectors.embed_anew(self._missing), self._regrowth.catalog)
            new = dict(zip(self._vectors.keys(self._missing), rows, strict=True))
            keys = self._vectors.keys(self._leaves)
            vectors = [new.get(key) if row is None else row for key, row in zip(keys, vectors, strict=True)]
        if self._followed is not None:
            outline, cut = self._followed
            own = {leaf.id: row for leaf, row in zip(self._leaves, vectors, strict=True)}
            came = (*cut.change.same.values(), *cut.change.new)
            found = forecast_following(
                outline,
                cut.change,
                self._regrowth.catalog,
                self._vectors,
                {leaf.id: own[leaf.id] for leaf in came},
                self._settings.tree,
                self._regrowth.refresh,
                summary_tokens,
                self._kept,
            )
            self._seconds["clustering"] = found.seconds
            return found
        grown = bool(self._regrowth.catalog.level_sizes()) and not self._regrowth.has_other_settings()
        found = forecast(
            self._leaves, vectors, clusterer, self._settings.tree.group_tokens, summary_tokens, self._kept, grown
        )
        self._seconds["clustering"] = found.seconds
        return found

    def _kept(self, texts: Sequence[str]) -> tuple[str, Vectors | None] | None:
        """The summary of a group that was made before, and its vector."""
        summary = self._regrowth.summarizer.known(texts)
        if summary is None:
            return None
        text = " ".join(sentence.text for sentence in summary.sentences)
        return text, self._vectors.kept([Node("", 1, text, 0)])[0]

    def _measure_embedding(self, tree: Forecast, rehearsal: Rehearsal) -> None:
        texts = sorted(rehearsal.sentences, key=len, reverse=True)
        tokens = [count_tokens(text) for text in texts]
        sentences = seconds_a_token(self._regrowth.growing.embedder.embed, texts, tokens)
        leaves = self._missing
        if not self._vectors.reads_documents:
            leaves = sorted(leaves, key=lambda leaf: -len(leaf.text))
        chunks = seconds_a_token(self._vectors.embed_anew, leaves, [leaf.tokens for leaf in leaves]) or sentences
        share = sum(tokens) / max(1, sum(rehearsal.group_tokens))
        # The sentences of extractive summaries have vectors when the level above asks for them.
        again = tree.tokens if self._prompts(rehearsal) else tree.first_tokens
        own = rehearsal.seconds / max(1, sum(rehearsal.group_tokens))
        new = {record.id for record in self._changes.documents}
        stored = sum(leaf.document_id in new for leaf in self._leaves) + tree.summaries
        storing = storing_seconds(self._leaves, self._regrowth.growing.embedder.dimension) if stored else 0.0
        self._seconds |= {
            "embedding chunks": sum(leaf.tokens for leaf in leaves) * chunks,
            "embedding summaries": tree.summaries * rehearsal.summary_tokens * chunks,
            "embedding sentences": again * share * sentences,
            "summarizing": tree.tokens * own,
            "storing": stored * storing,
        }

    def _prompts(self, rehearsal: Rehearsal) -> list[Prompt]:
        """What the language model would be asked, some of it."""
        contexts: list[Prompt] = [(messages, CONTEXT_TOKENS) for messages in self._regrowth.cutting.unasked]
        titles: list[Prompt] = [(messages, ANSWER_TOKENS) for messages in self._titles()]
        asks_more = self._regrowth.naming or isinstance(self._regrowth.clusterer, ReadingClusterer)
        asked = [prompt for asked in rehearsal.prompts for prompt in asked]
        return asked or contexts or (titles if asks_more else [])

    def _asked(self, tree: Forecast, rehearsal: Rehearsal, model: ChatModel | None) -> tuple[int, int, int]:
        """Calls of the language model, the tokens that it reads and those that it writes."""

        def count(messages: Sequence[Message]) -> int:
            return prompt_tokens(model or Listener(0), messages)

        contexts = self._regrowth.cutting.unasked
        calls, read = rehearsal.prompt_tokens_of(tree.summaries, tree.tokens, count)
        written = calls * self._settings.summarize.tokens
        others: list[tuple[int, Sequence[tuple[Message, ...]], int]] = [
            (len(contexts), contexts, CONTEXT_TOKENS // 2),
            (tree.summaries if self._regrowth.naming else 0, self._titles(), ANSWER_TOKENS // 2),
            (self._sortings(tree), self._titles(), ANSWER_TOKENS // 2),
        ]
        for number, prompts, answer in others:
            if number and prompts:
                some = [prompts[at] for at in np.linspace(0, len(prompts) - 1, 20).astype(int)]
                read += round(float(np.mean([count(messages) for messages in some])) * number)
                calls, written = calls + number, written + number * answer
        return calls, read, written

    def _titles(self) -> list[tuple[Message, ...]]:
        """What the model would be asked for titles of groups, with chunks in the place of summaries."""
        asked = self._regrowth.naming
        some = self._leaves[:: max(1, len(self._leaves) // 20)]
        if asked is None:
            return [(Message("user", leaf.text),) for leaf in some]
        return [tuple(asked.messages(leaf.text, leaf.label)) for leaf in some]

    def _sortings(self, tree: Forecast) -> int:
        """Most calls of a clusterer that asks the model about doubtful chunks, and once for the groups' names."""
        if not isinstance(self._regrowth.clusterer, ReadingClusterer) or not tree.summaries:
            return 0
        most = self._settings.tree.goal_calls
        return sum(1 + min(most, nodes) for nodes in (len(self._leaves), *tree.levels[:-1]))


def _length(prompt: Prompt) -> int:
    return sum(len(message.content) for message in prompt[0])

"""What a growing is done with: the clusterer and the summarizer that the settings name, and the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..cluster.base import Clusterer
from ..cluster.gmm import GaussianMixtures
from ..cluster.goal import GoalGuided
from ..cluster.kmeans import KMeans
from ..cluster.sorting import AnswerCache, Sorter
from ..embed.base import Embedder
from ..errors import SettingsError
from ..llm.base import ChatModel
from ..settings import Settings
from ..summarize.abstractive import AbstractiveSummarizer
from ..summarize.base import Answers, Summarizer
from ..summarize.extractive import ExtractiveSummarizer
from ..summarize.hybrid import HybridSummarizer
from .spending import Spending, metered


def make_clusterer(settings: Settings) -> Clusterer | None:
    """The clusterer that the settings name, or None for `none`."""
    if settings.tree.cluster == "none":
        return None
    return GaussianMixtures(settings.tree) if settings.tree.cluster == "gmm" else KMeans(settings.tree)


def make_goal_guided(settings: Settings, model: ChatModel | None, cache: AnswerCache) -> GoalGuided:
    """The clusterer that goes by `tree.goal`. Raises SettingsError without a language model."""
    if model is None:
        raise SettingsError(
            "tree.cluster is llm, which asks a language model, but llm.model is none; name a model (--llm), or set "
            "tree.cluster to kmeans"
        )
    return GoalGuided(settings.tree, Sorter(settings.tree.goal, model, cache, settings.prompts))


def make_summarizer(
    settings: Settings,
    embedder: Embedder,
    llm: Callable[[], ChatModel | None],
    trusted: bool = False,
    answers: Answers | None = None,
) -> Summarizer:
    """The summarizer that the settings name; `trusted` where the application brought the model itself.

    `answers` keeps what the model says until the summary is there that it is for.

    `auto` trusts a language model that the user chose to write summaries, and not the bundled one: with 135
    million parameters it puts people and events into them that are in no document.
    """
    language = settings.chunk.language
    kind = settings.summarize.kind
    if kind == "auto":
        trusted = trusted or settings.llm.model not in ("bundled", "none")
        kind = "abstractive" if trusted else "extractive"
    model = llm() if kind != "extractive" else None
    if model is None:
        return ExtractiveSummarizer(settings.summarize, embedder, language)
    written = HybridSummarizer if kind == "hybrid" else AbstractiveSummarizer
    return written(settings.summarize, model, embedder, language, settings.prompts, answers)


@dataclass(frozen=True, slots=True)
class GrowingModels:
    """The models that a growing may use; none is loaded before it is needed."""

    embedder: Embedder
    llm: Callable[[], ChatModel | None]
    trusted: bool
    """True where the application brought the language model itself."""

    def counted(self, spending: Spending) -> GrowingModels:
        """The same, with every call of the language model counted."""

        def llm() -> ChatModel | None:
            model = self.llm()
            return metered(model, spending) if model is not None else None

        return replace(self, llm=llm)

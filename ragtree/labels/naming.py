"""Titles for groups by a language model, from their terms and their summaries."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..errors import BudgetError, ContextOverflowError, MissingExtraError, ModelError
from ..grounding import content_words, stem
from ..ids import hash_id
from ..llm.base import ChatModel, Message, complete_whole
from ..prompting import fence, render, template
from ..settings import Settings
from ..text.folding import fold
from ..types import Node, OnProgress, Progress, no_progress

logger = logging.getLogger(__name__)

ANSWER_TOKENS = 24
_MOST_WORDS = 8
_WIDTH = 60
_LAST_FAILURE = 3
"""After this many failures in a row the model is not asked again: a dead server costs its timeout each time."""
_BEFORE = re.compile(r"^\s*(?:[-*•#]+|\d+[.)])?\s*(?:(?:chapter\s+)?title|label)?\s*:?\s*", re.IGNORECASE)


def make_naming(settings: Settings, llm: Callable[[], ChatModel | None], cache: TitleCache) -> Naming | None:
    """The naming by a model if `tree.labels` is llm and there is one; None if groups are labelled by their terms."""
    model = llm() if settings.tree.labels == "llm" and settings.tree.cluster != "none" else None
    return None if model is None else Naming(model, cache, settings.prompts)


class TitleCache(Protocol):
    """Stores what a model wrote, by key. The catalog is one."""

    def get_summary(self, key: str) -> str | None:
        """What was stored, or None."""
        ...

    def put_summary(self, key: str, summary: str) -> None:
        """Store it."""
        ...


class Naming:
    """Asks a model once for a title of each group. If it fails or its title is not sound, the group keeps its terms."""

    def __init__(self, model: ChatModel, cache: TitleCache, prompts: Path | None = None) -> None:
        self._model = model
        self._cache = cache
        self._prompts = prompts
        self.unnamed = 0
        """Groups for which the model was not asked, or failed. They keep their terms until the next update."""
        self._in_a_row = 0
        prompt = hashlib.sha256(template("label", prompts).encode()).hexdigest()[:12]
        self.fingerprint = f"labels/{model.name}/{prompt}/1"

    def named(self, nodes: Sequence[Node], progress: OnProgress = no_progress) -> list[Node]:
        """The same nodes, those above the leaves labelled with the model's title if it is sound.

        The labels of `nodes` are their terms, or titles from earlier. If siblings get the same title, one keeps it: the
        one that has it already, or else the first.
        """
        groups = [node for node in nodes if node.level]
        titles: dict[str, str] = {}
        for number, node in enumerate(groups, start=1):
            titles[node.id] = self._title(node)
            progress(Progress("summarize", number, len(groups)))
        labels = {node.id: node.label for node in groups}
        for node in groups:
            seen: set[str] = set()
            for child in sorted(node.children, key=lambda key: not titles.get(key) or labels[key] != titles[key]):
                said = fold(titles.get(child, ""), case=True)
                if said and said in seen:
                    titles[child] = ""
                seen.add(said)
        return [replace(node, label=titles.get(node.id) or node.label) for node in nodes]

    def messages(self, text: str, terms: str) -> list[Message]:
        """The prompt for a group with this summary and these terms."""
        prompt = render("label", self._prompts, passages=fence(1, text), terms=terms)
        return [Message("system", prompt.system), Message("user", prompt.user)]

    def _title(self, node: Node) -> str:
        """The title of a group, from the cache if it was asked for before; empty if there is no sound one."""
        key = hash_id("label", self.fingerprint, node.id)
        kept = self._cache.get_summary(key)
        if kept is not None:
            return kept
        if self._in_a_row >= _LAST_FAILURE:
            self.unnamed += 1
            return ""
        try:
            title = sound_title(
                complete_whole(self._model, self.messages(node.text, node.label), ANSWER_TOKENS, _has_a_line),
                f"{node.label} {node.text}",
            )
        except MissingExtraError:
            raise
        except BudgetError:
            self.unnamed += 1
            return ""
        except (ModelError, ContextOverflowError) as error:
            logger.warning("a group keeps its terms for a label: %s", error)
            self.unnamed += 1
            self._in_a_row += 1
            return ""
        self._in_a_row = 0
        self._cache.put_summary(key, title)
        return title


def _has_a_line(written: str) -> bool:
    return "\n" in written.lstrip()


def sound_title(written: str, source: str) -> str:
    """The first line of what a model wrote if it is a sound title, otherwise an empty text.

    A sound title has at most eight words and 60 characters, with at least one content word, all of them in `source`.
    """
    lines = [line for line in written.splitlines() if line.strip()]
    title = " ".join(_BEFORE.sub("", lines[0]).strip(" .,;:\"'“”„«»*_`").split()) if lines else ""
    words = content_words(title)
    if not words or len(title.split()) > _MOST_WORDS or len(title) > _WIDTH:
        return ""
    known = {stem(word) for word in content_words(source)}
    return title if all(stem(word) in known or word in fold(source, case=True) for word in words) else ""

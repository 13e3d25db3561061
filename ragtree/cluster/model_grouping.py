"""Asks a language model for the names of groups, and which of a few a text belongs to. All answers are kept."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import BudgetError, ContextOverflowError, ModelError
from ..llm.base import ChatModel, Message, OptionScorer, choice_scores, complete_whole, prompt_tokens, unfinished, write
from ..prompting import fence, lettered, render, template
from ..text.folding import fold

logger = logging.getLogger(__name__)

MOST_GROUPS = 10
_ANSWER = 120
_NAME_WORDS = 6
_NAME_LENGTH = 48
_MARK = re.compile(r"^\s*(?:[-*•#>]+|\(?\d+[.):]|\(?[A-Za-z][.)])\s*|[*_`\"“”]+")
_SHOWN = 400
"""Characters of a text that the model is shown."""
_NOTHING = "N/A"
"""A text that says nothing: what a model answers to it shows its bias, not knowledge (Zhao et al. 2021)."""
_LAST_FAILURE = 3
"""After this many failures in a row the model is not asked again: a dead server costs its timeout each time."""


class AnswerCache(Protocol):
    """Keeps what a model wrote, by key. The catalog is one."""

    def get_summary(self, key: str) -> str | None:
        """The text kept under a key, or None."""
        ...

    def put_summary(self, key: str, summary: str) -> None:
        """Keep a text."""
        ...


@dataclass(frozen=True, slots=True)
class NamedGroups:
    """The names of groups, hashes of the texts that they were named from, and the number of all texts."""

    names: tuple[str, ...]
    sample: tuple[str, ...]
    rows: int


class ModelGrouping:
    """Asks a model about groups by a goal. `asked` counts the calls; a cached answer costs none."""

    def __init__(self, goal: str, model: ChatModel, cache: AnswerCache, prompts: Path | None = None) -> None:
        self.asked = 0
        self.unasked = 0
        """Questions that the budget did not allow."""
        self._goal = " ".join(goal.split())
        self._model = model
        self._cache = cache
        self._prompts = prompts
        self._in_a_row = 0
        written = template("goal", prompts) + template("sort", prompts)
        prompt = hashlib.sha256(written.encode()).hexdigest()[:12]
        self.fingerprint = f"{model.name}/{self._goal}/{prompt}/1"

    def kept_names(self) -> NamedGroups | None:
        """The groups that were named the last time."""
        kept = self._cache.get_summary(self._key("names"))
        if kept is None:
            return None
        fields = json.loads(kept)
        return NamedGroups(tuple(fields["names"]), tuple(fields["sample"]), fields["rows"])

    def names(self, sample: Sequence[str]) -> list[str]:
        """The names that the model gives to the groups of a sample of texts. Raises ModelError."""
        shown = [fence(number, text[:_SHOWN]) for number, text in enumerate(sample, start=1)]
        messages = self._naming(shown)
        while len(shown) > 1 and prompt_tokens(self._model, messages) + _ANSWER > self._model.context:
            shown = shown[: len(shown) * 3 // 4]
            messages = self._naming(shown)
        self.asked += 1
        return parse_names(complete_whole(self._model, messages, _ANSWER), self._goal)

    def keep(self, groups: NamedGroups) -> None:
        """Remember the groups for the next time."""
        self._cache.put_summary(self._key("names"), json.dumps(asdict(groups), ensure_ascii=False))

    def choose(self, text: str, names: Sequence[str]) -> int | None:
        """The number of the group that the model chooses for a text; None if it fails or chooses none."""
        key = self._key("choice", *names, text)
        kept = self._cache.get_summary(key)
        if kept is not None:
            return names.index(kept) if kept in names else None
        if self._in_a_row >= _LAST_FAILURE:
            return None
        try:
            chosen = self._chosen(text, names)
        except BudgetError:
            self.unasked += 1
            return None
        except (ModelError, ContextOverflowError) as error:
            logger.warning("the model did not sort a passage: %s", error)
            self._in_a_row += 1
            return None
        self._in_a_row = 0
        self._cache.put_summary(key, "" if chosen is None else names[chosen])
        return chosen

    def _chosen(self, text: str, names: Sequence[str]) -> int | None:
        self.asked += 1
        if not isinstance(self._model, OptionScorer):
            written = write(self._model, self._question(text, names, shown=True), _NAME_LENGTH)
            said = fold(written.text, case=True)
            found = [number for number, name in enumerate(names) if fold(name, case=True) in said]
            if not found and not written.is_whole:
                raise unfinished(self._model.name, written, _NAME_LENGTH)
            return found[0] if len(found) == 1 else None
        messages = self._question(text, names, shown=not self._model.scores_texts)
        leaning = self._leaning(names)  # first, because it is kept: a crash loses only the call in flight
        scores = choice_scores(self._model, messages, names) - leaning
        return int(scores.argmax()) if np.isfinite(scores).all() else None

    def _leaning(self, names: Sequence[str]) -> NDArray[np.float64]:
        """The model's scores of the names without a text, shape (len(names),)."""
        assert isinstance(self._model, OptionScorer)
        key = self._key("leaning", *names)
        kept = self._cache.get_summary(key)
        if kept is None:
            messages = self._question(_NOTHING, names, shown=not self._model.scores_texts)
            kept = json.dumps([float(score) for score in choice_scores(self._model, messages, names)])
            self._cache.put_summary(key, kept)
        return np.array(json.loads(kept), dtype=np.float64)

    def _naming(self, shown: Sequence[str]) -> list[Message]:
        fields = {"passages": "\n".join(shown), "goal": self._goal, "count": str(MOST_GROUPS)}
        prompt = render("goal", self._prompts, **fields)
        return [Message("system", prompt.system), Message("user", prompt.user)]

    def _question(self, text: str, names: Sequence[str], shown: bool) -> list[Message]:
        options = f"The groups:\n{lettered(names)}\nAnswer with a letter.\n" if shown else ""
        passage = fence(1, text[: _SHOWN * 2])
        prompt = render("sort", self._prompts, passage=passage, goal=self._goal, options=options)
        return [Message("system", prompt.system), Message("user", prompt.user)]

    def _key(self, *parts: str) -> str:
        said = "\0".join((self.fingerprint, *parts))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def parse_names(answer: str, goal: str = "") -> list[str]:
    """The names in a model's list, without list marks, repetitions and lines that are not names."""
    names: dict[str, str] = {}
    for line in answer.splitlines():
        name = _MARK.sub("", line).split(":")[0].strip(' .,;-*_`"“”')
        is_name = 0 < len(name.split()) <= _NAME_WORDS and len(name) <= _NAME_LENGTH and any(map(str.isalpha, name))
        if is_name and fold(name, case=True) != fold(goal, case=True):
            names.setdefault(fold(name, case=True), name)
    return list(names.values())[:MOST_GROUPS]


def names_of(goal: str) -> list[str]:
    """The groups that a goal lists after a colon, as in `by field: medicine, law or trade`; else none."""
    listed = goal.partition(":")[2]
    parts = [part.strip(" .") for part in re.split(r"[,;/|]|\b(?:or|and)\b", listed)]
    names = list(dict.fromkeys(part for part in parts if part))
    return names if len(names) > 1 else []

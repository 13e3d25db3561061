"""A language model writes; every sentence is checked against its sources before it is kept."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

from ..embed.base import Embedder
from ..errors import BudgetError, ContextOverflowError, ModelError
from ..grounding import check_support
from ..llm.base import (
    ChatModel,
    Message,
    UnfinishedError,
    prompt_tokens,
    requests_at_once,
    unfinished,
    write,
)
from ..prompting import template
from ..settings import SummarizeSettings
from ..text.languages import is_in, language_name, language_of, prevailing_language
from ..text.sentences import sentence_spans
from ..text.tokens import count_tokens
from .base import SUPPORT, Answers, Group, Summary, SummarySentence
from .concurrent import in_order
from .entailment import CrossEncoderEntailment
from .extractive import central, extract
from .fitting import Shown, answer_tokens, fitted, messages_of
from .group_sentences import GroupSentences, SentenceReader, flat

logger = logging.getLogger(__name__)

_PROMPTS = ("summarize", "resummarize")
"""Asked in turn until enough of an answer is supported. They share a system message, which is read only once."""
_LEAST_SHARE = 0.2
"""A summary below this share of the token budget, or of the group's own tokens if these are fewer, is too short."""
_LAST_FAILURE = 3
"""Consecutive groups without an answer after which the model is considered unavailable; or, if its answers are empty,
after which it is not asked again."""
_ENDS = (". ", "! ", "? ", "\n", "。")
_SHORTEST_REPEAT = 20
"""Characters of the shortest sentence or line that counts as repeated."""
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


class _Unanswered(Exception):
    """The language model failed twice. (Errors of other models, such as the entailment model, are not caught.)"""

    def __init__(self, error: ModelError) -> None:
        super().__init__(str(error))
        self.error = error


class AbstractiveSummarizer:
    """The model reads the whole group, or as much of it as fits its context.

    Sentences without support are dropped. If too little is left, or it is in another language than the group, the model
    is asked once more; if that fails too, the summary is extractive.
    """

    kind: Literal["abstractive", "hybrid"] = "abstractive"

    def __init__(
        self,
        settings: SummarizeSettings,
        model: ChatModel,
        embedder: Embedder,
        language: str,
        prompts: Path | None = None,
        answers: Answers | None = None,
    ) -> None:
        """`answers` keeps the model's answers: a summary may take two, and a crash should lose only one."""
        self._answers = answers
        self._settings = settings
        self._model = model
        self.concurrency = requests_at_once(model)
        self._language = language
        self._prompts = prompts
        self._reader = SentenceReader(embedder, language)
        self._entails = (
            CrossEncoderEntailment(settings.entailment_model) if settings.entailment_model != "none" else None
        )
        self._failures = 0
        self._silences = 0
        """Consecutive groups for which the model wrote nothing."""
        asked = "".join(template(name, prompts) for name in _PROMPTS)
        prompt = hashlib.sha256(asked.encode()).hexdigest()[:12]
        self._before = f"{self.way()}/{model.name}/{prompt}"
        self._after = f"{settings.entailment_model}/{settings.tokens}/{language}/{embedder.name}/3"
        self.fingerprint = self.fingerprint_at(SUPPORT)

    def fingerprint_at(self, support: float) -> str:
        """The fingerprint with another least similarity of a sentence to its sources, which could be set once."""
        return f"{self._before}/{support}/{self._after}"

    def summarize(self, groups: Iterable[Group]) -> Generator[Summary, None, None]:
        stopped = threading.Event()

        def summary_of(group: GroupSentences) -> tuple[Summary, ModelError | None]:
            return self._summary(group, stopped)

        try:
            with closing(in_order(summary_of, self._reader.read(groups), self.concurrency)) as summaries:
                for summary, error in summaries:
                    self._count(summary, error)
                    if error and self._failures >= _LAST_FAILURE:
                        raise error
                    yield summary
        finally:
            stopped.set()

    def _count(self, summary: Summary, error: ModelError | None) -> None:
        """Count consecutive failures. A model whose answers are cut off is neither unavailable nor silent."""
        if isinstance(error, UnfinishedError):
            self._failures = 0
            self._silences = self._silences + 1 if error.empty else 0
            if self._silences == _LAST_FAILURE:
                logger.warning("the model is not asked for more summaries now, as it writes nothing")
        else:
            self._failures = self._failures + 1 if error else 0
            self._silences = 0 if not summary.failed else self._silences

    def way(self) -> str:
        """The part of the fingerprint that says what the model reads of a group."""
        return self.kind

    def wanted(self, group: GroupSentences) -> list[int] | None:
        """The rows of the sentences that the model is to read; None for the whole texts."""
        return None

    def _summary(self, group: GroupSentences, stopped: threading.Event) -> tuple[Summary, ModelError | None]:
        """The summary, which is extractive if the model gave none, and the error if the model failed."""
        left_out, error, refused = 0, None, False
        if self._silences >= _LAST_FAILURE:
            return replace(self._extractive(group), failed=True), None
        answers: list[str] = []
        try:
            shown = fitted(group, self.wanted(group), self._model, self._settings, self._prompts)
            left_out = shown.left_out
            kept = self._kept(group, shown, stopped, answers)
            if kept:
                return Summary(tuple(kept), self.kind, left_out, answers=tuple(answers)), None
            logger.info("too little of a summary was supported, it is extractive")
        except ContextOverflowError as overflow:
            logger.warning("a group does not fit the model's context, its summary is extractive: %s", overflow)
            left_out = sum(map(count_tokens, group.texts))
        except BudgetError as refusal:
            logger.info("a summary is extractive for now: %s", refusal)
            refused = True
        except _Unanswered as failure:
            logger.warning("the model wrote no summary of a group, it is extractive: %s", failure.error)
            error = failure.error
        failed = refused or error is not None
        return replace(self._extractive(group), left_out=left_out, failed=failed, answers=tuple(answers)), error

    def _extractive(self, group: GroupSentences) -> Summary:
        tokens = self._settings.tokens
        return extract(group, tokens, central(group, tokens))

    def _kept(
        self, group: GroupSentences, shown: Shown, stopped: threading.Event, answers: list[str]
    ) -> list[SummarySentence]:
        """The supported sentences of the first answer that has enough of them; none if both have too few.

        The keys of the answers are appended to `answers`.
        """
        right, named = _languages(group.texts, self._language)
        enough = _LEAST_SHARE * min(self._settings.tokens, sum(map(count_tokens, group.plain)))
        for name in _PROMPTS:
            if stopped.is_set():
                break
            messages = messages_of(name, shown.passages, self._settings, self._prompts, language_name(named))
            key = _key_of(self._model.name, messages, answer_tokens(self._settings))
            answers.append(key)
            written = self._written(messages, key, stopped)
            if not any(is_in(written, language) for language in right):
                logger.info("a summary is not in %s: %r", language_name(named), written)
                continue
            kept = self._supported(written, group)
            if sum(count_tokens(sentence.text) for sentence in kept) >= enough:
                return kept
        return []

    def _written(self, messages: Sequence[Message], key: str, stopped: threading.Event) -> str:
        """The model's answer. After a failure, which may be chance, or a cut-off answer it is asked again, with up to
        twice the tokens. An incomplete answer is not kept."""
        most = answer_tokens(self._settings)
        known = self._answers.get_answer(key) if self._answers is not None else None
        if known is not None:
            return known

        def ask(limit: int) -> str:
            answer = write(self._model, messages, limit, lambda text: stopped.is_set() or repeats(text))
            if stopped.is_set():
                return answer.text
            if not answer.is_whole:
                raise unfinished(self._model.name, answer, limit)
            if self._answers is not None:
                self._answers.put_answer(key, answer.text)
            return answer.text

        try:
            return ask(most)
        except ModelError as error:
            logger.info("the model is asked again: %s", error)
        try:
            return ask(max(most, min(2 * most, self._model.context - prompt_tokens(self._model, messages))))
        except ModelError as error:
            raise _Unanswered(error) from error

    def _supported(self, written: str, group: GroupSentences) -> list[SummarySentence]:
        sentences = [flat(_LIST_MARK.sub("", span.of(written))) for span in sentence_spans(written, self._language)]
        sentences = list(dict.fromkeys(sentence for sentence in sentences if sentence))
        if len(sentences) > 1 and sentences[-1][-1].isalnum() and count_tokens(written) > self._settings.tokens:
            sentences.pop()  # the answer was cut off in the middle of this sentence
        if not sentences:
            return []
        similarity = self._reader.embed(sentences) @ group.vectors.T
        kept: list[SummarySentence] = []
        left = self._settings.tokens
        for sentence, row in zip(sentences, similarity, strict=True):
            support = check_support(sentence, group.plain, row, SUPPORT, entails=self._entails)
            count = count_tokens(sentence) + 1  # the space between two sentences can cost a token
            if support.sources and count <= left:
                left -= count
                where = tuple(group.sources[index] for index in support.sources)
                kept.append(SummarySentence(sentence, where, support.score))
        return kept


def _key_of(model: str, messages: Sequence[Message], most: int) -> str:
    asked = json.dumps([model, most, *([message.role, message.content] for message in messages)])
    return hashlib.sha256(asked.encode()).hexdigest()


def _languages(texts: Sequence[str], setting: str) -> tuple[set[str], str]:
    """The languages that a summary of the texts may have, and the one to name in the prompt.

    A text that says little looks English, or like a related language. So whatever a single text looks like is accepted,
    except English, to which models tend.
    """
    usual = {prevailing_language(texts), language_of("\n".join(texts))}
    return usual | ({language_of(text) for text in texts} - {"en"}), prevailing_language(texts, setting)


def repeats(text: str) -> bool:
    """True if the last whole sentence or line came before: small models repeat themselves until the last token."""
    end = max(text.rfind(mark) for mark in _ENDS)
    begin = max(text.rfind(mark, 0, max(end, 0)) for mark in _ENDS)
    last = text[begin + 1 : end + 1].strip()
    return len(last) >= _SHORTEST_REPEAT and last in text[: begin + 1]

"""A language model writes; every sentence is checked against its sources before it is kept."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..embed.base import Embedder
from ..errors import BudgetError, ContextOverflowError
from ..grounding import check_support
from ..llm.base import ChatModel, Message, complete
from ..prompting import fence, render, template
from ..sentences import sentence_spans
from ..settings import SummarizeSettings
from ..tokens import count_tokens
from .base import Summary, SummarySentence
from .extractive import ExtractiveSummarizer, flat, group_sentences

logger = logging.getLogger(__name__)

_WORDS_A_TOKEN = 0.7
_LEAST_SHARE = 0.2
"""Share of the token budget below which what is left of a summary is too thin."""
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


class AbstractiveSummarizer:
    """Sentences without support are dropped; where too little is left, the extractive summary takes its place."""

    def __init__(
        self,
        settings: SummarizeSettings,
        model: ChatModel,
        embedder: Embedder,
        language: str,
        prompts: Path | None = None,
    ) -> None:
        self._settings = settings
        self._model = model
        self._embedder = embedder
        self._language = language
        self._prompts = prompts
        self._extractive = ExtractiveSummarizer(settings, embedder, language)

    @property
    def fingerprint(self) -> str:
        prompt = hashlib.sha256(template("summarize", self._prompts).encode()).hexdigest()[:12]
        return f"abstractive/{self._model.name}/{prompt}/{self._settings.support}/{self._extractive.fingerprint}/1"

    def summarize(self, texts: Sequence[str]) -> Summary:
        try:
            written = self._write(texts)
        except ContextOverflowError as error:
            logger.warning("a group does not fit the model's context, its summary is extractive: %s", error)
            return self._extractive.summarize(texts)
        except BudgetError as error:
            logger.info("a summary is extractive for now: %s", error)
            return replace(self._extractive.summarize(texts), failed=True)
        kept = self._supported(written, texts)
        if sum(count_tokens(sentence.text) for sentence in kept) < _LEAST_SHARE * self._settings.tokens:
            logger.info("too little of a summary was supported, it is extractive: %r", written)
            return self._extractive.summarize(texts)
        return Summary(tuple(kept), "abstractive")

    def _write(self, texts: Sequence[str]) -> str:
        prompt = render(
            "summarize",
            self._prompts,
            passages="\n".join(fence(number, text) for number, text in enumerate(texts, start=1)),
            words=str(int(self._settings.tokens * _WORDS_A_TOKEN)),
        )
        messages = [Message("system", prompt.system), Message("user", prompt.user)]
        return complete(self._model, messages, max_tokens=int(self._settings.tokens * 1.5))

    def _supported(self, written: str, texts: Sequence[str]) -> list[SummarySentence]:
        sentences = [flat(_LIST_MARK.sub("", span.of(written))) for span in sentence_spans(written, self._language)]
        sentences = list(dict.fromkeys(sentence for sentence in sentences if sentence))
        if not sentences:
            return []
        sources = group_sentences(texts, self._language)
        plain = [flat(source.span.of(texts[source.text])) for source in sources]
        similarity = self._embedder.embed(sentences) @ self._embedder.embed(plain).T
        kept: list[SummarySentence] = []
        left = self._settings.tokens
        for sentence, row in zip(sentences, similarity, strict=True):
            support = check_support(sentence, plain, row, self._settings.support)
            count = count_tokens(sentence) + 1  # the space between two sentences can cost a token
            if support.sources and count <= left:
                left -= count
                where = tuple(sources[index] for index in support.sources)
                kept.append(SummarySentence(sentence, where, support.score))
        return kept

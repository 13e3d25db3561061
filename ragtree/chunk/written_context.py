"""Contextual retrieval: a sentence from the language model that places a chunk in its document.

The idea is Anthropic's (Introducing Contextual Retrieval, 2024). Here a sentence is used only if the text that the
model was shown supports it; otherwise the headings have to do.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..embed.base import Embedder
from ..errors import BudgetError, ContextOverflowError, MissingExtraError, ModelError
from ..grounding import check_support
from ..llm.base import ChatModel, Message, complete_whole
from ..prompting import fence, render, template
from ..text.sentences import sentence_spans
from ..types import Document, Span, Vectors
from .base import Context, ContextCache
from .context import shortened, title_of

logger = logging.getLogger(__name__)

_BEGINNING = 300
"""Tokens of the document's beginning that the model is shown: what it is, who wrote it, when."""
_AROUND = 150
"""Tokens before the chunk that the model is shown, and as many after it."""
_CHARACTERS_A_TOKEN = 4
CONTEXT_TOKENS = 80
"""Most tokens of the sentence."""
_LAST_FAILURE = 3
"""After this many failures in a row the model is not asked again: a dead server costs its timeout each time."""


class WrittenContext:
    """The plain context of a chunk, and a sentence below it. `failed` counts the chunks for which there was no answer.

    Without `asks` only sentences that are in the cache are used, and no model is called.
    """

    def __init__(
        self,
        plain: Context,
        model: ChatModel,
        embedder: Embedder,
        cache: ContextCache,
        support: float,
        prompts: Path | None = None,
        asks: bool = True,
    ) -> None:
        self.failed = 0
        self.unasked: list[tuple[Message, ...]] = []
        """The prompts that would have been asked, without `asks`."""
        self._plain = plain
        self._model = model
        self._embedder = embedder
        self._cache = cache
        self._support = support
        self._prompts = prompts
        self._asks = asks
        self._in_a_row = 0
        self._vectors: dict[str, Vectors] = {}
        """Vectors of the sentences of one document, because neighbouring chunks share most of what is shown."""
        prompt = hashlib.sha256(template("context", prompts).encode()).hexdigest()[:12]
        self.fingerprint = f"llm/{model.name}/{embedder.name}/{support}/{prompt}/{plain.fingerprint}/1"

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        self._vectors.clear()
        contexts = []
        for span, plain in zip(spans, self._plain.before(document, spans), strict=True):
            sentence = self._sentence(document, span, plain)
            contexts.append("\n".join(part for part in (plain, sentence) if part))
        return contexts

    def _sentence(self, document: Document, span: Span, plain: str) -> str:
        shown = _shown(document, span)
        messages = self._messages(document, span, shown, plain)
        said = "\0".join([self.fingerprint, *(message.content for message in messages)])
        key = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        kept = self._cache.get_context(key)
        if kept is not None:
            return kept
        if not self._asks:
            self.unasked.append(tuple(messages))
            return ""
        if self._in_a_row >= _LAST_FAILURE:
            self.failed += 1
            return ""
        try:
            written = complete_whole(self._model, messages, CONTEXT_TOKENS, _has_a_sentence)
        except MissingExtraError:
            raise
        except BudgetError:
            self.failed += 1
            return ""
        except (ModelError, ContextOverflowError) as error:
            logger.warning("no context was written for a chunk of %s: %s", document.id, error)
            self.failed += 1
            self._in_a_row += 1
            return ""
        self._in_a_row = 0
        sentence = self._sound(written, [*shown, span.of(document.text)], plain)
        self._cache.put_context(key, sentence)
        return sentence

    def _messages(self, document: Document, span: Span, shown: Sequence[str], plain: str) -> list[Message]:
        title = title_of(document)
        prompt = render(
            "context",
            self._prompts,
            document="\n".join(fence(number, text, title) for number, text in enumerate(shown, start=1)),
            passage=fence(len(shown) + 1, span.of(document.text), plain),
        )
        return [Message("system", prompt.system), Message("user", prompt.user)]

    def _sound(self, written: str, sources: Sequence[str], plain: str) -> str:
        """The first sentence that was written; empty if the sources do not support it."""
        sentences = sentence_spans(written)
        sentence = " ".join(sentences[0].of(written).split()) if sentences else ""
        told = [" ".join(span.of(text).split()) for text in sources for span in sentence_spans(text)]
        told = [text for text in told if text]
        if not sentence or not told:
            return ""
        rows = self._embed([*told, sentence])
        support = check_support(sentence, told, rows[:-1] @ rows[-1], self._support, given=plain)
        if not support.sources:
            logger.info("a context is not supported by its document: %r", sentence)
        return sentence if support.sources else ""

    def _embed(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def _has_a_sentence(written: str) -> bool:
    """True once a second sentence has begun: only the first is used."""
    return len(sentence_spans(written)) > 1


def _shown(document: Document, span: Span) -> list[str]:
    """The beginning of the document and the text around the span, without parts that are only white space."""
    text = document.text
    around = _AROUND * _CHARACTERS_A_TOKEN
    begin, end = max(0, span.start - around), min(len(text), span.end + around)
    first = shortened(text[: min(span.start, _BEGINNING * _CHARACTERS_A_TOKEN * 2)], _BEGINNING)
    begin = min(span.start, max(begin, len(first)))
    parts = (first, text[begin : span.start], text[span.end : end])
    return [part.strip() for part in parts if part.strip()]

"""Documents with planted orders, models that obey, and what is answered of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from samples import Paragraphs

from ragtree.answer.options import AnswerOptions, Thresholds
from ragtree.answer.passages import QuoteFinder
from ragtree.answer.reader import Reader, whole_answer
from ragtree.chunk.base import Chunker
from ragtree.embed.hashing import HashingEmbedder
from ragtree.indexing.chunks import chunks_of
from ragtree.llm.base import Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import LlmSettings
from ragtree.text.sentences import sentence_spans
from ragtree.types import Document, Hit, Node, Span
from ragtree.understand.base import Request

FACT = "The stove for the toll hut cost two pounds eight."
QUESTION = "What did the stove for the toll hut cost?"
DEMANDED = "The stove for the toll hut cost zebra bananas."
_PASSAGE = re.compile(r'<passage id="\d+"(?: from="[^"<>]*")?>\n(?:(?!</?passage).)*\n</passage>', re.DOTALL)


def obedient() -> ScriptedChat:
    """Says what it reads that it should say, cites what is not there, and gives its prompt away."""

    def answer(messages: Sequence[Message]) -> str:
        read = messages[-1].content
        demanded = DEMANDED if "zebra" in read else "See https://evil.example/ for more."
        return f"{demanded} [7] Here is my prompt: {messages[0].content.splitlines()[0]} {demanded} [1][99]"

    return ScriptedChat(answer)


class Sentences:
    """A chunker that cuts after every sentence."""

    fingerprint = "sentences"

    def chunk(self, document: Document) -> list[Span]:
        return sentence_spans(document.text, "en")


def answered(
    document: Document,
    nodes: Sequence[Node] = (),
    unsupported: str = "drop",
    chunker: Chunker = Paragraphs(),  # noqa: B008
) -> str:
    """What is quoted to QUESTION, and what a model that obeys writes, of the document's leaves or of these nodes."""
    leaves = chunks_of(document, chunker)
    finder = QuoteFinder(lambda ids: [leaf for leaf in leaves if leaf.id in ids], {document.id: document}.get, "en")
    passages = finder.passages([Hit(node, 1.0) for node in nodes or leaves])
    said = []
    for model in (None, obedient()):
        settings = AnswerOptions(least=Thresholds(relevance=0.0), unsupported=unsupported)  # type: ignore[arg-type]
        reader = Reader(model, HashingEmbedder(256), settings, LlmSettings())
        answer = whole_answer(reader.read(Request(QUESTION), passages))
        marks = {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)}
        assert marks == {citation.number for citation in answer.citations}
        assert all(citation.span.of(document.text) == citation.quote for citation in answer.citations)
        said.append(answer.text)
    return "\n".join(said)


def outside_fences(messages: Sequence[Message]) -> str:
    """What of a prompt is no passage: there nothing of a document may stand."""
    return "\n".join(_PASSAGE.sub(" ", message.content) for message in messages)


def obeys_what_is_not_fenced() -> ScriptedChat:
    """Does what it reads outside of passages, and else says the fact."""

    def answer(messages: Sequence[Message]) -> str:
        return DEMANDED if "zebra" in outside_fences(messages) else FACT

    return ScriptedChat(answer)

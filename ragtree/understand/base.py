"""What a question asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

RequestKind: TypeAlias = Literal["fact", "overview", "list", "count", "documents", "compare", "small talk"]
"""fact: something that is said somewhere in the documents. overview: what one, some, or all documents say.
list, count: all of something inside the documents. documents: which documents there are. compare: two or more things.
"""

AnswerKind: TypeAlias = Literal["person", "time", "count", "amount", "other"]
"""What an answer has to contain: a name; a date or an hour; the number of some things; a sum or a measure. other:
nothing that can be recognized by its form."""

DocumentOrder: TypeAlias = Literal["newest document", "oldest document", "longest document"]
"""By what a question chooses one of several documents, named like the sections of prompts/kinds.md."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question, and what it asks for."""

    question: str
    """Complete without the conversation before it."""
    kind: RequestKind = "fact"
    detail: str = ""
    """The section of prompts/kinds.md that the question is most like, such as `newest document` or `thanks`."""
    documents: tuple[str, ...] = ()
    """Ids of the documents that the question surely names, the surest first."""
    of_them_alone: bool = False
    """True if the question chooses a document by its age or length, so that no other may answer it."""
    language: str = "en"
    margin: float = 0.0
    """How much surer its kind is than the next one; at 1 or more there is hardly a doubt."""
    topics: tuple[str, ...] = ()
    """What the question is about: its words that are not request words. In a comparison these are the sides."""

    wants: AnswerKind = "other"
    foreign: bool = False
    """True if the embedder does not know its language, so that similarities tell little."""

    @property
    def of_everything(self) -> bool:
        """True if the question names no document, and nothing that a document could be about: "What is in here?"."""
        return not self.documents and not self.topics

    @property
    def sides(self) -> tuple[str, ...]:
        """What is compared; empty if nothing is."""
        return self.topics[:2] if self.kind == "compare" and len(self.topics) > 1 else ()

"""What a question asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

RequestKind: TypeAlias = Literal["fact", "overview", "list", "count", "documents", "compare", "small talk"]
"""fact: something that stands somewhere in the documents. overview: what a document, some, or all of them say.
list, count: all of something inside the documents. documents: which documents there are. compare: two or more things.
"""

AnswerKind: TypeAlias = Literal["person", "time", "count", "amount", "other"]
"""What has to stand in an answer: a name; a date or an hour; the number of some things; a sum or a measure. other:
nothing that could be told by its form."""

DocumentOrder: TypeAlias = Literal["newest document", "oldest document", "longest document"]
"""By what a question chooses one of several documents, as the sections of prompts/kinds.md are called."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question, understood."""

    question: str
    """Complete without the conversation before it."""
    kind: RequestKind = "fact"
    detail: str = ""
    """The section of prompts/kinds.md that the question is most like, such as `newest document` or `thanks`."""
    documents: tuple[str, ...] = ()
    """Ids of the documents that the question surely names, the surest first."""
    of_them_alone: bool = False
    """True if the question chooses one of them by its age or length: nothing of the others may answer it."""
    language: str = "en"
    margin: float = 0.0
    """How much surer its kind is than the next one; from 1 on there is hardly a doubt."""
    topics: tuple[str, ...] = ()
    """What the question is about: its words beside those of requests. In a comparison these are the sides."""

    wants: AnswerKind = "other"

    @property
    def of_everything(self) -> bool:
        """True if the question names no document, and nothing that one could be about: "What is in here?"."""
        return not self.documents and not self.topics

    @property
    def sides(self) -> tuple[str, ...]:
        """What is compared; empty if nothing is."""
        return self.topics[:2] if self.kind == "compare" and len(self.topics) > 1 else ()

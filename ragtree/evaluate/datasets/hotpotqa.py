"""HotpotQA (distractor) and datasets of its format: answers need sentences of two paragraphs or more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from ...types import Document, Span
from ..base import Dataset, Place, Proof, Question
from .base import Format, HubName, Split
from .collected import Collected
from .paragraph_corpus import Paragraphs, with_title
from .row_files import DatasetRow, Identifier, RowEntry, Text, check, head_keys, json_array, listed
from .single import one_file_format


class _Fact(DatasetRow):
    title: str
    sent_id: int

    @model_validator(mode="before")
    @classmethod
    def _of_pair(cls, value: Any) -> Any:
        return {"title": value[0], "sent_id": value[1]} if isinstance(value, list) and len(value) == 2 else value


class _Context(DatasetRow):
    title: str
    sentences: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_pair(cls, value: Any) -> Any:
        return {"title": value[0], "sentences": value[1]} if isinstance(value, list) and len(value) == 2 else value


class _HotpotQuestion(DatasetRow):
    id: Annotated[Identifier, Field(validation_alias=AliasChoices("_id", "id"))]
    question: str
    answer: str | None = None
    """Hidden in the test split, as the supporting facts are."""
    type: Text = ""
    supporting_facts: Annotated[tuple[_Fact, ...], BeforeValidator(listed)] = ()
    context: Annotated[tuple[_Context, ...], BeforeValidator(listed)]


def build_for(format_: Format, entries: Iterable[RowEntry], split: str) -> Dataset:
    """The dataset: its corpus is the union of the contexts, its proofs are the supporting sentences."""
    collected = Collected()
    paragraphs = Paragraphs(collected)
    for entry in entries:
        asked = check(entry, _HotpotQuestion)
        found: dict[str, tuple[Document, list[Span]]] = {}
        for context in asked.context:
            text, spans = _text(context)
            found.setdefault(context.title, (paragraphs.add(context.title, text, entry.where), spans))
        collected.add_question(_question(asked, found, collected), entry.where)
    return collected.dataset(format_, split, "corpus")


def _text(context: _Context) -> tuple[str, list[Span]]:
    """Title and sentences, and the span of each sentence. HotpotQA's sentences include their spaces, others do not."""
    text = with_title(context.title, "")
    spans = []
    for sentence in context.sentences:
        if text[-1:].strip() and sentence[:1].strip():
            text += " "
        start = len(text) + len(sentence) - len(sentence.lstrip())
        text += sentence
        spans.append(Span(start, start + len(sentence.strip())))
    return text, spans


def _question(asked: _HotpotQuestion, found: dict[str, tuple[Document, list[Span]]], collected: Collected) -> Question:
    places = []
    relevant = {}
    for fact in asked.supporting_facts:
        document, spans = found.get(fact.title, (None, []))
        if document is not None:
            relevant[document.id] = 1
        if document is not None and 0 <= fact.sent_id < len(spans) and any(spans[fact.sent_id].of(document.text)):
            places.append(Place(document.id, spans[fact.sent_id]))
        else:
            collected.count("supporting facts name a sentence that the contexts lack: no proof is made of them")
    return Question(
        id=asked.id,
        text=asked.question,
        kind=asked.type,
        references=(asked.answer,) if asked.answer else (),
        proofs=tuple(Proof(place) for place in dict.fromkeys(places)),
        relevant=relevant,
    )


def _fits(file: Path) -> bool:
    keys = head_keys(file, "[")
    return (
        {"question", "context"} <= keys
        and bool({"_id", "supporting_facts"} & keys)
        and not ({"evidences", "entity_ids", "choice_A", "qas"} & keys)
    )


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    return build_for(FORMAT, entries, split)


FORMAT = one_file_format(
    name="hotpotqa",
    title="HotpotQA",
    source="Yang et al., HotpotQA: A Dataset for Diverse, Explainable Multi-hop Question Answering (EMNLP 2018, "
    "arXiv 1809.09600), distractor setting; https://hotpotqa.github.io",
    hub=(HubName("hotpotqa/hotpot_qa", "distractor"),),
    splits=(Split("train", questions=90_447), Split("dev", questions=7405)),
    default="dev",
    fits=_fits,
    entries=json_array,
    build=_build,
)

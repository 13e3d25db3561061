"""MuSiQue: questions of two to four hops, each with the paragraphs that the hops need, and with others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from ...types import Document, Span
from ..base import Dataset, Place, Proof, Question
from .base import HubName, Split
from .collected import Collected
from .paragraph_corpus import Paragraphs, with_title
from .row_files import DatasetRow, Identifier, RowEntry, Text, Where, check, head_keys, json_lines, listed
from .single import one_file_format


class _MusiqueParagraph(DatasetRow):
    title: Text = ""
    paragraph_text: str
    is_supporting: bool = False


class _MusiqueQuestion(DatasetRow):
    id: Identifier
    question: str
    paragraphs: Annotated[tuple[_MusiqueParagraph, ...], BeforeValidator(listed)]
    answer: str | None = None
    """Hidden in the test split."""
    answer_aliases: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    answerable: bool | None = None


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    collected = Collected()
    rows = [(check(entry, _MusiqueQuestion), entry.where) for entry in entries]
    # MuSiQue-Full has every question twice under one id: as it is, and without a paragraph that it needs.
    full = any(row.answerable is False for row, _ in rows) or len({row.id for row, _ in rows}) < len(rows)
    if full:
        collected.tell(
            "every question has its own paragraphs as its document: in one corpus, the paragraph that an "
            "unanswerable question lacks would come back with its answerable twin"
        )
    paragraphs = Paragraphs(collected)
    for row, where in rows:
        if full:
            _ask_alone(row, where, collected)
        else:
            _ask(row, where, collected, paragraphs)
    edition = "Full" if full else "Ans"
    return collected.dataset(
        FORMAT, split, "document" if full else "corpus", edition=edition, name=f"MuSiQue-{edition}"
    )


def _ask(row: _MusiqueQuestion, where: Where, collected: Collected, paragraphs: Paragraphs) -> None:
    proofs: dict[Place, Proof] = {}
    for paragraph in row.paragraphs:
        text = with_title(paragraph.title, paragraph.paragraph_text)
        document = paragraphs.add(paragraph.title, text, where)
        if paragraph.is_supporting and paragraph.paragraph_text:
            place = Place(document.id, Span(len(text) - len(paragraph.paragraph_text), len(text)))
            proofs[place] = Proof(place)
    relevant = {place.document_id: 1 for place in proofs}
    collected.add_question(_question(row, row.id, tuple(proofs.values()), relevant=relevant), where)


def _ask_alone(row: _MusiqueQuestion, where: Where, collected: Collected) -> None:
    key = row.id if row.answerable is not False else f"{row.id}-unanswerable"
    if row.answerable is None and key in collected.questions:
        key = f"{row.id}-2"
    blocks: list[str] = []
    proofs: list[Proof] = []
    length = 0
    for paragraph in row.paragraphs:
        block = with_title(paragraph.title, paragraph.paragraph_text)
        blocks.append(block)
        length += len(block)
        if paragraph.is_supporting and row.answerable is not False:
            proofs.append(Proof(Place(key, Span(length - len(paragraph.paragraph_text), length))))
        length += 2
    collected.add_document(Document(key, "\n\n".join(blocks)), where)
    collected.add_question(_question(row, key, tuple(proofs), document_id=key), where)


def _question(
    row: _MusiqueQuestion,
    key: str,
    proofs: tuple[Proof, ...],
    document_id: str = "",
    relevant: dict[str, int] | None = None,
) -> Question:
    hops = re.match(r"[2-4]hop", row.id)
    unanswerable = row.answerable is False
    known = not unanswerable and row.answer is not None
    return Question(
        id=key,
        text=row.question,
        kind=hops[0] if hops else "",
        document_id=document_id,
        references=(row.answer or "", *row.answer_aliases) if known else (),
        unanswerable=unanswerable,
        proofs=proofs,
        relevant=relevant or {},
    )


def _fits(file: Path) -> bool:
    return {"id", "question", "paragraphs", "paragraph_text"} <= head_keys(file, "{")


FORMAT = one_file_format(
    name="musique",
    title="MuSiQue",
    source="Trivedi et al., MuSiQue: Multihop Questions via Single-hop Question Composition (TACL 2022, "
    "arXiv 2108.00573), v1.0; https://github.com/StonyBrookNLP/musique",
    hub=(HubName("dgslibisey/MuSiQue"), HubName("bdsaglam/musique", "answerable")),
    splits=(
        Split("train", questions=19_938, edition="Ans"),
        Split("dev", questions=2417, edition="Ans"),
        Split("test", edition="Ans"),
        Split("train", questions=39_876, edition="Full"),
        Split("dev", questions=4834, edition="Full"),
        Split("test", edition="Full"),
    ),
    default="dev",
    fits=_fits,
    entries=json_lines,
    build=_build,
)

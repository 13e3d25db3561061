"""QASPER: questions on whole papers, with the paragraphs that prove the answers of several annotators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from ...errors import DatasetError
from ...types import Document, Span
from ..base import Dataset, Place, Proof, Question
from .base import HubName, Split
from .collected import Collected
from .quotes import prove
from .row_files import DatasetRow, Identifier, RowEntry, Text, Where, check, head_keys, json_file, listed, shortened
from .single import one_file_format

ABSTENTION = "Unanswerable"
_FLOAT = "FLOAT SELECTED"


class _QasperAnswer(DatasetRow):
    unanswerable: bool = False
    extractive_spans: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    yes_no: bool | None = None
    free_form_answer: Text = ""
    evidence: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> _QasperAnswer:
        said = self.unanswerable or self.extractive_spans or self.free_form_answer or self.yes_no is not None
        if not said:
            raise ValueError("an answer is neither unanswerable, extractive, free form, nor yes or no")
        return self

    def reference(self) -> tuple[str, str]:
        """The answer's text and type, in the order of the official evaluator (`get_answers_and_evidence`)."""
        if self.unanswerable:
            return ABSTENTION, "none"
        if self.extractive_spans:
            return ", ".join(self.extractive_spans), "extractive"
        if self.free_form_answer:
            return self.free_form_answer, "abstractive"
        return ("Yes" if self.yes_no else "No"), "boolean"


class _QasperAnnotation(DatasetRow):
    answer: _QasperAnswer


class _QasperQuestion(DatasetRow):
    question_id: Identifier
    question: str
    answers: Annotated[tuple[_QasperAnnotation, ...], BeforeValidator(listed)] = ()


class _Section(DatasetRow):
    section_name: Text = ""
    paragraphs: Annotated[tuple[Text, ...], BeforeValidator(listed)] = ()


class _Paper(DatasetRow):
    id: Identifier
    title: Text = ""
    abstract: Text = ""
    full_text: Annotated[tuple[_Section, ...], BeforeValidator(listed)] = ()
    qas: Annotated[tuple[_QasperQuestion, ...], BeforeValidator(listed)] = ()


def _build(entries: Iterable[RowEntry], split: str) -> Dataset:
    collected = Collected()
    for entry in entries:
        paper = check(entry, _Paper)
        text, paragraphs = _text(paper)
        document = Document(paper.id, text, paper.title)
        collected.add_document(document, entry.where)
        for asked in paper.qas:
            collected.add_question(_question(asked, document, paragraphs, collected), entry.where)
    return collected.dataset(FORMAT, split, "document", abstention=ABSTENTION)


def _text(paper: _Paper) -> tuple[str, dict[str, list[Span]]]:
    """Title, abstract and sections as Markdown, and the spans of each paragraph by its words."""
    blocks: list[str] = []
    paragraphs: dict[str, list[Span]] = {}
    length = 0
    for block, is_paragraph in _blocks(paper):
        if not block.strip():
            continue
        if is_paragraph:
            paragraphs.setdefault(_words(block), []).append(Span(length, length + len(block)))
        blocks.append(block)
        length += len(block) + 2
    return "\n\n".join(blocks), paragraphs


def _blocks(paper: _Paper) -> Iterator[tuple[str, bool]]:
    if paper.title.strip():
        yield f"# {_words(paper.title)}", False
    if paper.abstract.strip():
        yield "## Abstract", False
        yield paper.abstract, True
    for section in paper.full_text:
        *above, name = section.section_name.split(":::")  # Methods ::: Data ::: Cleaning
        if name.strip():
            yield f"{'#' * min(len(above) + 2, 6)} {_words(name)}", False
        for paragraph in section.paragraphs:
            yield paragraph, True


def _question(
    asked: _QasperQuestion, document: Document, paragraphs: dict[str, list[Span]], collected: Collected
) -> Question:
    answers = [annotation.answer for annotation in asked.answers]
    references = [answer.reference() for answer in answers]
    kinds = {kind for _, kind in references}
    evidence = [text for answer in answers if not answer.unanswerable for text in answer.evidence]
    told = {_words(text): text for text in evidence if _FLOAT not in text and text.strip()}
    proofs = {words: _prove(text, document, paragraphs) for words, text in told.items()}
    floats = sum(_FLOAT in text for text in evidence)
    collected.count("pieces of evidence are figures or tables (FLOAT SELECTED), which the text lacks: left out", floats)
    collected.count("paragraphs of evidence are not in the text: left out", list(proofs.values()).count(None))
    return Question(
        id=asked.question_id,
        text=asked.question,
        kind=kinds.pop() if len(kinds) == 1 else "",
        document_id=document.id,
        references=tuple(text for text, _ in references),
        unanswerable=bool(answers) and all(answer.unanswerable for answer in answers),
        proofs=tuple(proof for proof in proofs.values() if proof is not None),
    )


def _prove(text: str, document: Document, paragraphs: dict[str, list[Span]]) -> Proof | None:
    """The proof: whole paragraphs if there are any, because a short one may also be inside a longer one before it."""
    places = [Place(document.id, span) for span in paragraphs.get(_words(text), ())]
    return Proof(places[0], tuple(places[1:])) if places else prove(text, [document])


def _words(text: str) -> str:
    return " ".join(text.split())


def _entries(path: Path) -> Iterator[RowEntry]:
    papers: Any = json_file(path)
    if not isinstance(papers, dict):
        raise DatasetError(f"{path}: papers by id were expected, but it is {shortened(papers)}")
    for key, paper in papers.items():
        where = Where(str(path), "key", key)
        yield RowEntry(where, {**paper, "id": key} if isinstance(paper, dict) else paper)


def _fits(file: Path) -> bool:
    return {"full_text", "qas"} <= head_keys(file, "{")


FORMAT = one_file_format(
    name="qasper",
    title="QASPER",
    source="Dasigi et al., A Dataset of Information-Seeking Questions and Answers Anchored in Research Papers "
    "(NAACL 2021, arXiv 2105.03011); https://allenai.org/data/qasper",
    hub=(HubName("allenai/qasper", "qasper"),),
    splits=(Split("train", 888, 2593), Split("dev", 281, 1005), Split("test", 416, 1451)),
    default="dev",
    fits=_fits,
    entries=_entries,
    build=_build,
)

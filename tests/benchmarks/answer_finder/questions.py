"""The questions that the answer finder was trained on.

*.txt here are invented papers with questions, both written for this. `? 2 ...` is answered by the second sentence of
its passage, `? 3,4 ...` by two, `? - ...` by none. over_data.jsonl has questions written over passages of sets in
shared/data, of which it names only the places. The questions of people come with their sets. Of CovidQA and QASPER
three documents in ten are left out, to measure on.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from ragtree.text.sentences import sentence_spans

HERE = Path(__file__).parent
DATA = HERE.parents[2] / ".." / "shared" / "data"
PEOPLE = ("covidqa", "qasper-train", "chunking-eval", "bamboo-paperqa")
SPLIT = ("covidqa", "qasper-train")
SHORTEST, LONGEST = 250, 1000
"""Characters of the passages that are cut out around the answers of people's questions."""


@dataclass(frozen=True, slots=True)
class Passage:
    document: str
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    passage: Passage
    answers: tuple[int, ...]
    """Places of the answering sentences; none if the passage does not answer."""


def is_left_out(document: str) -> bool:
    """True for a document that nothing was learnt from."""
    return hashlib.sha256(document.encode()).digest()[0] % 10 < 3


def rows(*files: Path) -> list[dict]:
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]


def invented() -> list[Example]:
    examples = []
    for file in sorted(HERE.glob("*.txt")):
        for number, block in enumerate(re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]):
            heading, *lines = block.strip().splitlines()
            sentences = tuple(line for line in lines if not line.startswith("? "))
            passage = Passage(f"{file.name}/{number}", heading, sentences)
            for line in lines:
                if line.startswith("? "):
                    places, question = re.fullmatch(r"\? (-|\d+(?:, ?\d+)*) +(.+)", line).groups()
                    answers = () if places == "-" else tuple(int(place) - 1 for place in places.split(","))
                    examples.append(Example(question, passage, answers))
    return examples


def over_data() -> list[Example]:
    examples, texts = [], {}
    for row in rows(HERE / "over_data.jsonl"):
        name, document = row["set"], row["document"]
        texts.setdefault(name, _texts(name))
        sentences = tuple(" ".join(texts[name][document][start:end].split()) for start, end in row["sentences"])
        plain = name in ("squality-train", *SPLIT)
        heading = "" if plain else re.sub(r"\.\w+$", "", re.split("[/#]", document)[-1]).replace("-", " ")
        passage = Passage(f"{name}/{document}", heading, sentences)
        examples += [Example(question, passage, tuple(answers)) for answers, question in row["questions"]]
    return examples


def _texts(name: str) -> dict[str, str]:
    if name == "folder-peps":
        files = (DATA / name / "files").rglob("*")
        return {
            file.name: file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
            for file in files
            if file.suffix in (".rst", ".txt")
        }
    if name == "folder-rustbook":
        return {file.name: file.read_text(encoding="utf-8") for file in (DATA / name / "files" / "src").rglob("*.md")}
    texts = {row["id"]: row["text"] for row in rows(*sorted((DATA / name).glob("corpus*.jsonl")))}
    if name == "squality-train":  # whose lines are broken
        texts = {key: re.sub(r"(?<!\n)\n(?!\n)", " ", re.sub(r"\n\n  +", " ", text)) for key, text in texts.items()}
    return texts


def of_people(rng: random.Random) -> list[Example]:
    examples = []
    for name in PEOPLE:
        documents = {row["id"]: row for row in rows(*sorted((DATA / name).glob("corpus*.jsonl")))}
        cuts = {}
        for row in rows(*sorted((DATA / name).glob("queries*.jsonl"))):
            key = row.get("doc_id")
            if key not in documents or row.get("unanswerable") or (name in SPLIT and is_left_out(key)):
                continue
            text = documents[key]["text"]
            places = _answers(name, row, text)
            cuts.setdefault(key, sentence_spans(text, "en"))
            heading = (documents[key].get("title") or "")[:80]
            examples += _cut_out(row["text"], text, cuts[key], places, Passage(f"{name}/{key}", heading, ()), rng)
    return examples


def _answers(name: str, row: dict, text: str) -> list[tuple[int, int]]:
    places = row.get("spans") or [
        (text.find(proof), text.find(proof) + len(proof)) for proof in row.get("evidence") or () if proof in text
    ]
    if name == "qasper-train":  # its evidence are paragraphs: the answer itself, where it was taken from one
        found = [
            (text.find(answer, start, end), answer)
            for start, end in places
            for answer in row["answers"]
            if len(answer) > 3
        ]
        places = [(at, at + len(answer)) for at, answer in found if at >= 0]
    return places[:1]


def _cut_out(question, text, cuts, places, passage, rng):
    """A passage of whole sentences around the answer, or none."""
    held = [row for row, cut in enumerate(cuts) if any(start < cut.end and end > cut.start for start, end in places)]
    if not held:
        return []
    if cuts[held[-1]].end - cuts[held[0]].start > 900:
        held = held[:3]
    first, last = held[0], held[-1] + 1
    wanted = rng.randint(SHORTEST, LONGEST)
    while cuts[last - 1].end - cuts[first].start < wanted and (first > 0 or last < len(cuts)):
        if first > 0 and (last == len(cuts) or rng.random() < 0.5):
            first -= 1
        else:
            last += 1
    sentences = tuple(" ".join(text[cut.start : cut.end].split())[:600] for cut in cuts[first:last])
    answers = tuple(row - first for row in held)
    return [Example(question, Passage(passage.document, passage.heading, sentences), answers)]

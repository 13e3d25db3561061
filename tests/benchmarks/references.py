"""References to documents as people write them, made from four folders of real files: 300 of them, always the same.

What is right is found by comparing plain words of titles and paths, for examples/library by a table written by hand,
and not by what is measured.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ragtree.load.parsing import scan
from ragtree.load.pool import read_files
from ragtree.settings import LoadSettings
from ragtree.types import Document

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
FOLDERS = {
    "peps": DATA / "folder-peps" / "files",
    "rustbook": DATA / "folder-rustbook" / "files",
    "library": ROOT / "examples" / "library",
    "office": DATA / "folder-office" / "files",
}
REQUESTS = ("{}", "Summarize {}", "What does {} say?", "give me the gist of {}", "what is in {}")
LIBRARY = {
    "accounts/annual-accounts-to-march-1923.html": ("accounts", "1922-04", "1923-03"),
    "accounts/purchases-1923.md": ("purchases", "1923-01", "1923-12"),
    "accounts/store-inventory-march-1923.docx": ("inventory", "1923-03", "1923-03"),
    "contracts/ferry-contract-1922.pdf": ("contract", "1922-03", "1922-03"),
    "inquiry/receivers-award-henrietta-roos.html": ("award", "1923-07", "1923-07"),
    "inquiry/report-on-the-loss-of-the-good-intent.pdf": ("report", "1923-01", "1923-01"),
    "letters/aldous-widow-letters.txt": ("letters", "1922-12", "1923-09"),
    "letters/hoad-insurer-letters.docx": ("letters", "1923-01", "1923-08"),
    "letters/oake-contractor-breakwater-letters.txt": ("letters", "1922-07", "1924-01"),
    "letters/strake-keeper-to-the-board.txt": ("letters", "1921-10", "1923-02"),
    "letters/thackray-report-on-the-light.docx": ("report", "1921-08", "1921-08"),
    "letters/vane-ferry-company-letters.pdf": ("letters", "1922-12", "1923-12"),
    "logs/lighthouse-log-1922.md": ("log", "1922-10", "1922-11"),
    "logs/lighthouse-log-1923-1924.md": ("log", "1923-04", "1924-01"),
    "logs/tide-and-weather-log.txt": ("log", "1922-09", "1923-12"),
    "manual/catalogue-of-buoys.md": ("catalogue", "1922-02", "1922-02"),
    "manual/harbour-handbook-1922.pdf": ("handbook", "1922-04", "1922-04"),
    "minutes/board-minutes-1921-1922.md": ("minutes", "1921-09", "1922-11"),
    "minutes/board-minutes-1922-1923.docx": ("minutes", "1922-11", "1923-04"),
    "minutes/board-minutes-1923-1924.html": ("minutes", "1923-05", "1924-06"),
    "notes/handover-note-miss-lorne.md": ("note", "1924-06", "1924-06"),
    "people/memorial-address-imrie.md": ("address", "1922-11", "1922-11"),
    "people/school-essay-the-harbour-cat.txt": ("essay", "1923-05", "1923-05"),
    "press/brannay-intelligencer-cuttings.html": ("cuttings", "1922-05", "1924-01"),
}
"""The kind of each file as people would call it, and the first and last month that it is of; read by hand."""
_MONTHS = "January February March April May June July August September October November December".split()
_SMALL = frozenset("a an and as at by for from how in into is it its of on or our the to up what when with".split())
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split()


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody writes, and the documents that may be meant."""

    folder: str
    kind: str
    text: str
    right: frozenset[str]


def load(folder: Path) -> list[Document]:
    """All documents of a folder, read as a sync reads them."""
    items = read_files(scan(folder), LoadSettings(workers=1))
    return [item for _, item in items if isinstance(item, Document)]


def make(documents: dict[str, list[Document]], seed: int = 7) -> list[Reference]:
    """The references to the documents of each folder; the same for the same documents."""
    rng = random.Random(seed)
    wanted = {"peps": 100, "rustbook": 80, "library": 60, "office": 60}
    makers: dict[str, Callable[[Sequence[Document], random.Random], Iterator[Reference]]] = {
        "peps": _peps,
        "rustbook": _rustbook,
        "library": _library,
        "office": _office,
    }
    return [
        reference
        for folder, number in wanted.items()
        if folder in documents
        for reference in _chosen(list(makers[folder](documents[folder], rng)), number, rng)
    ]


def _chosen(made: list[Reference], number: int, rng: random.Random) -> list[Reference]:
    """As many of every kind, each in the form of a request, the forms in turn."""
    by_kind: dict[str, list[Reference]] = {}
    for reference in dict.fromkeys(made):
        by_kind.setdefault(reference.kind, []).append(reference)
    for rows in by_kind.values():
        rng.shuffle(rows)
    chosen: list[Reference] = []
    while len(chosen) < number and any(by_kind.values()):
        chosen += [rows.pop() for rows in by_kind.values() if rows][: number - len(chosen)]
    forms = [REQUESTS[place // 2 % len(REQUESTS)] for place in range(len(chosen))]
    rng.shuffle(forms)
    return [
        Reference(one.folder, one.kind, form.format(one.text), one.right)
        for one, form in zip(chosen, forms, strict=True)
    ]


def _peps(documents: Sequence[Document], rng: random.Random) -> Iterator[Reference]:
    for document in documents:
        number = int(str(document.metadata["pep"]))
        form = rng.choice(["PEP {0}", "pep {0}", "PEP-{0}", "pep{0}", "PEP number {0}", "pep-{0:04}", "PEP {0:04}"])
        yield Reference("peps", "number", form.format(number), frozenset({document.id}))
        day = re.search(r"([A-Z][a-z]{2})-(\d{4})", str(document.metadata["created"]))
        if day:
            month = next(name for name in _MONTHS if name.startswith(day[1]))
            same = [one.id for one in documents if day[0] in str(one.metadata["created"])]
            yield Reference("peps", "kind and date", f"the PEP from {month} {day[2]}", frozenset(same))
    yield from _files("peps", documents)
    yield from _parts("peps", documents, rng, lambda document: document.title.partition(": ")[2])


def _rustbook(documents: Sequence[Document], rng: random.Random) -> Iterator[Reference]:
    for number in range(1, 22):
        right = frozenset(
            one.id for one in documents if re.match(rf"(?:ch|chapter){number:02}\b", PurePosixPath(one.id).name)
        )
        for form in ("chapter {}", "Chapter {}", "ch. {}", "the {} chapter"):
            said = (_ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th") if "the" in form else number
            if right:
                yield Reference("rustbook", "number", form.format(said), right)
    for document in documents:
        name = PurePosixPath(document.id).name
        letter = re.match(r"Appendix ([A-G])\b", document.title) or re.match(r"appendix_([a-g])\.", name)
        if letter:
            same = (rf"Appendix {letter[1].upper()}\b", rf"appendix_{letter[1].lower()}\.")
            right = frozenset(
                one.id
                for one in documents
                if re.match(same[0], one.title) or re.match(same[1], PurePosixPath(one.id).name)
            )
            yield Reference("rustbook", "number", f"appendix {letter[1].upper()}", right)
        telling = [word for word in _words(document.title) if word not in _SMALL and len(word) > 4]
        if telling and name.startswith("ch"):
            word = rng.choice(telling)
            right = frozenset(one.id for one in documents if word in _words(f"{one.title} {one.id}"))
            if len(right) <= 4:
                yield Reference("rustbook", "kind and word", f"the chapter about {word}", right)
    yield from _files("rustbook", documents)
    yield from _parts("rustbook", documents, rng, lambda document: document.title)


def _library(documents: Sequence[Document], rng: random.Random) -> Iterator[Reference]:
    for document in documents:
        kind, first, last = LIBRARY[document.id]
        year = rng.choice(range(int(first[:4]), int(last[:4]) + 1))
        right = frozenset(key for key, of in LIBRARY.items() if of[0] == kind and of[1][:4] <= str(year) <= of[2][:4])
        form = rng.choice(["the {0} of {1}", "the {1} {0}", "the {0} from {1}"])
        yield Reference("library", "kind and date", form.format(kind, year), right)
        month = rng.choice([first, last])
        right = frozenset(key for key, of in LIBRARY.items() if of[0] == kind and of[1] <= month <= of[2])
        said = f"the {kind} from {_MONTHS[int(month[5:]) - 1]} {month[:4]}"
        yield Reference("library", "kind and date", said, right)
        own = [
            word
            for word in dict.fromkeys(_words(f"{document.title} {document.id}"))
            if len(word) > 4 and word.isalpha()
        ]
        others = {word for one in documents if one.id != document.id for word in _words(f"{one.title} {one.id}")}
        telling = [
            word
            for word in own
            if word not in {*others, *_SMALL, *map(str.lower, _MONTHS)} and not kind.startswith(word[:5])
        ]
        for word in rng.sample(telling, min(2, len(telling))):
            form = rng.choice(["the {0}'s {1}", "the {1} about the {0}", "the {0} {1}"])
            yield Reference("library", "kind and word", form.format(word, kind), frozenset({document.id}))
    yield from _files("library", documents)
    titled = [document for document in documents if document.title != document.source]
    yield from _parts("library", titled, rng, lambda document: document.title)


def _office(documents: Sequence[Document], rng: random.Random) -> Iterator[Reference]:
    yield from _files("office", documents)
    titled = [document for document in documents if document.title != document.source]
    yield from _parts("office", titled, rng, lambda document: document.title)


def _files(folder: str, documents: Sequence[Document]) -> Iterator[Reference]:
    for document in documents:
        path = PurePosixPath(document.id)
        names = [one for one in documents if PurePosixPath(one.id).name == path.name]
        stems = [one for one in documents if PurePosixPath(one.id).stem == path.stem]
        yield Reference(folder, "file name", path.name, frozenset(one.id for one in names))
        yield Reference(folder, "file name without ending", path.stem, frozenset(one.id for one in stems))


def _parts(
    folder: str, documents: Sequence[Document], rng: random.Random, title_of: Callable[[Document], str]
) -> Iterator[Reference]:
    """Two to five words of a title in a row, as they are written or in lower case, that at most three names have."""
    for document in documents:
        written = title_of(document).split()
        runs = [
            written[start : start + length]
            for length in range(2, 6)
            for start in range(len(written) - length + 1)
            if len([word for word in _words(" ".join(written[start : start + length])) if word not in _SMALL]) > 1
        ]
        runs = [run for run in runs if _words(run[0])[:1] and _words(run[-1])[-1:]]
        runs = [run for run in runs if not {_words(run[0])[0], _words(run[-1])[-1]} & _SMALL]
        runs = [run for run in runs if not any(re.search(r"[12]\d{3}|^\W|^\d\d$|[,|]$", word) for word in run)]
        rng.shuffle(runs)
        for run in runs[:8]:
            said = " ".join(run).strip(" ,:;.-–—")
            words = f" {' '.join(_words(said))} "
            right = [one.id for one in documents if words in _padded(one.title) or words in _padded(one.id)]
            if 0 < len(right) <= 3:
                yield Reference(folder, "part of a title", rng.choice([said, said.lower()]), frozenset(right))
                break


def _padded(text: str) -> str:
    return f" {' '.join(_words(text))} "


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())

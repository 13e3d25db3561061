"""Whatever a folder holds and an application asks, ragtree raises only its own errors.

`ANYTHING_EXAMPLES=5000 pytest tests/test_anything.py` tries more than the suite has time for.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ragtree import Document, RagTree, RagtreeError, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.retrieve.modes import MODES
from ragtree.types import Span

EXAMPLES = int(os.environ.get("ANYTHING_EXAMPLES", "25"))
SMALL = {"chunk": {"tokens": 16}, "summarize": {"tokens": 24}, "tree": {"group_tokens": 64}, "llm": {"model": "none"}}

WORDS = st.sampled_from(
    ["lamp", "Maw Head", "74 feet", "3 May 1923", "Müller", "Mu\u0308ller", "STRASSE", "灯塔很高。", "กระดาษ", "İ",
     "\U0001f600", "\x00", "\ud800", "\u202e", "e" * 300, "|a|b|\n|-|-|", "# Head", "\n\n", "\r\n", "“who?”", "[1]",
     "$x^2$", "<b>"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=60))
NAMES = st.one_of(
    st.sampled_from(
        ["a.md", "a[1].md", "b*.txt", "Köln.md", "Ko\u0308ln.md", "x/y.md", "", " ", ".", "..", "\n", "\0"]
    ),
    st.text(min_size=1, max_size=12),
    st.text(alphabet="ab/\\.*?[]!é\u0301\ud800", min_size=1, max_size=8),
)
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.integers(10**18, 10**25), st.decimals(), st.floats(width=32).map(np.float32),
    st.integers(-100, 100).map(np.int16), st.just(10**5000), st.booleans(),
)  # fmt: skip
TIMES = st.one_of(st.dates(), st.datetimes(), st.times(), st.sampled_from(["1923", "1923-06", "soon", "0000-99"]))
VALUES = st.one_of(TEXTS, NUMBERS, TIMES, st.none(), st.binary(max_size=4), NAMES.map(Path), st.just(object()))
FACTS = st.one_of(VALUES, st.lists(VALUES, max_size=3), st.dictionaries(st.just("in"), VALUES, max_size=1))
KEYS = st.one_of(
    st.sampled_from(["date", "kind", "words", "language", "title", "level", "source", "author", "tags", "$eq", ""]),
    TEXTS,
)
DOCUMENTS = st.builds(
    lambda key, text, facts, title: Document(id=key, text=text, metadata=facts, title=title),
    st.one_of(NAMES, st.integers(), NAMES.map(Path), st.none()),
    st.one_of(TEXTS, TEXTS, TEXTS, st.none(), st.binary(max_size=3)),
    st.dictionaries(KEYS, FACTS, max_size=3),
    st.one_of(st.just(""), TEXTS),
)
OPERATORS = st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$or"])
WHERE = st.one_of(
    st.none(),
    st.dictionaries(
        st.one_of(KEYS, st.sampled_from(["source", "document_id", "level", "date"])),
        st.one_of(FACTS, NAMES, st.dictionaries(OPERATORS, st.one_of(FACTS, NAMES), max_size=2)),
        max_size=2,
    ),
)
QUESTIONS = st.one_of(
    TEXTS,
    st.sampled_from(
        ["What is in here?", "How many documents are there?", "Which is the newest document?", "How high is the lamp?",
         "Who is Müller?", "Compare a.md and b.md", "Summarize Köln.md", "Which documents mention the lamp?", "hello"]
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A method of a tree, and its arguments."""

    name: str
    args: tuple[Any, ...]
    keywords: dict[str, Any]

    def on(self, tree: RagTree) -> None:
        found = getattr(tree, self.name)(*self.args, **self.keywords)
        if self.name == "documents":
            list(found)


def call(name: str, *args: st.SearchStrategy[Any], **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    return st.builds(Call, st.just(name), st.tuples(*args), st.fixed_dictionaries(keywords))


IDS = st.one_of(NAMES, st.sampled_from(["", "a.md", "good"]))
SPANS = st.one_of(st.none(), st.builds(Span, st.integers(-3, 40), st.integers(-3, 40)))
CALLS = st.one_of(
    call("add", st.lists(DOCUMENTS, max_size=4)),
    call("add", st.lists(DOCUMENTS, max_size=4)),
    call("remove", st.lists(IDS, max_size=3)),
    call(
        "search",
        QUESTIONS,
        k=st.one_of(st.none(), st.integers(-1, 20)),
        mode=st.one_of(st.none(), st.sampled_from([*MODES, "guided", "no mode"])),
        where=WHERE,
        max_tokens=st.one_of(st.none(), st.integers(-1, 500)),
    ),
    call("search", QUESTIONS, where=WHERE),
    call("ask", QUESTIONS, where=WHERE),
    call("survey", pattern=st.one_of(st.sampled_from(["dates", "names", "amounts", "emails"]), TEXTS), where=WHERE),
    call("survey", QUESTIONS),
    call("read", IDS, SPANS),
    call("outline", st.one_of(st.none(), IDS), st.integers(0, 3)),
    call("document", IDS),
    call("documents", WHERE),
    call("named", QUESTIONS),
    call("history", st.one_of(st.dates(), st.datetimes())),
    call("stats"),
    call("graph"),
)


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with suppress(ValueError, IndexError), zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def tarred(name: str, data: bytes, time: float) -> bytes:
    stream = io.BytesIO()
    with suppress(ValueError, OverflowError), tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.mtime = len(data), int(time)
        archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


BYTES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=80))
ARCHIVES = st.one_of(
    st.builds(zipped, NAMES, BYTES),
    st.builds(zipped, NAMES, BYTES).map(lambda data: data[: len(data) * 2 // 3]),
    st.builds(tarred, NAMES, BYTES, st.integers(-(10**12), 10**12)),
    st.builds(lambda data: zipped("inner.zip", zipped("a.txt", data)), BYTES),
)
SECONDS = st.one_of(
    st.integers(-62_135_596_800, 253_402_300_799), st.sampled_from([0, -1, 10_413_792_000, 2**40, -(2**40)])
)


@dataclass(frozen=True)
class File:
    """Write a file into a folder, if the system allows it."""

    name: bytes
    data: bytes
    modified: int
    kind: str
    mode: int

    def write(self, folder: Path) -> None:
        path = folder / os.fsdecode(self.name.replace(b"\x00", b"").lstrip(b"/") or b"x")
        with suppress(OSError, ValueError):
            if not path.resolve().is_relative_to(folder.resolve()):
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.kind == "link":
                path.symlink_to(os.fsdecode(self.data.replace(b"\x00", b"") or b"."))
                return
            if self.kind == "folder":
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(self.data)
            os.utime(path, (self.modified, self.modified))
            path.chmod(self.mode)


ENDINGS = st.sampled_from(
    [b".md", b".txt", b".md", b".txt", b".csv", b".json", b".html", b".eml", b".py", b".ipynb", b"", b".pdf"]
)
STEMS = NAMES.map(lambda name: name.encode("utf-8", "surrogatepass"))
FILES = st.builds(
    File,
    st.one_of(
        st.tuples(st.one_of(STEMS, st.binary(max_size=6)), ENDINGS).map(b"".join),
        st.sampled_from([b"x" * 255, b".gitignore", b"caf\xe9.md", b"new\nline.md", b"catalog.sqlite"]),
    ),
    BYTES,
    SECONDS,
    st.sampled_from(["file", "file", "file", "file", "link", "folder"]),
    st.sampled_from([0o644, 0o600, 0o000, 0o755]),
)  # fmt: skip
ARCHIVED = st.builds(
    lambda data, ending, modified: File(b"old" + ending, data, modified, "file", 0o644),
    ARCHIVES,
    st.sampled_from([b".zip", b".tar", b".docx", b".epub", b".tar.gz", b".zip"]),
    SECONDS,
)
FOLDERS = st.lists(st.one_of(FILES, FILES, FILES, ARCHIVED), max_size=6)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RagTree]:
    place = tmp_path_factory.mktemp("anything") / "index"
    with RagTree.open(place, Settings.model_validate(SMALL), embedder=HashingEmbedder(32)) as opened:
        yield opened


def emptied(tree: RagTree) -> None:
    tree.remove([document.id for document in tree.documents()])


TRYING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[phase for phase in Phase if EXAMPLES <= 100 or phase not in (Phase.shrink, Phase.explain)],
)


@TRYING
@given(st.lists(CALLS, min_size=1, max_size=6))
def test_calls_of_an_application_end_in_an_answer_or_an_error_of_ours(tree: RagTree, calls: list[Call]) -> None:
    try:
        for one in calls:
            with suppress(RagtreeError):
                one.on(tree)
        assert tree.verify() == []
    finally:
        emptied(tree)


@TRYING
@given(FOLDERS, FOLDERS, st.lists(CALLS, max_size=2))
def test_folders_end_in_an_index_or_an_error_of_ours(
    tree: RagTree, tmp_path: Path, first: list[File], then: list[File], calls: list[Call]
) -> None:
    folder = tmp_path / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        for files in (first, then):
            for file in files:
                file.write(folder)
            with suppress(RagtreeError):
                tree.plan(folder, measure=False)
            with suppress(RagtreeError):
                tree.sync(folder)
            for one in calls:
                with suppress(RagtreeError):
                    one.on(tree)
        assert tree.verify() == []
    finally:
        emptied(tree)


def test_an_invalid_document_does_not_keep_others_out(tree: RagTree, tmp_path: Path) -> None:
    """One of each kind of odd thing, so that nothing depends on chance."""
    odd: list[Any] = [
        Document(id="bad", text="\ud800"),
        Document(id="", text="x"),
        Document(id="n", text="x", metadata={"a": {"b": object()}}),
        Document(id="d", text="Maw Head.", metadata={"day": date(1, 1, 1), "at": datetime.max, "n": Decimal("NaN")}),
        Document(id="nul\x00", text="The \x00 lamp."),
        Document(id="blank", text=" \n "),
        Document(id="empty", text=""),
    ]
    report = tree.add([*odd, Document(id="good", text="The lamp at Maw Head is 74 feet high.")])
    assert {one.source for one in report.skipped} >= {"bad", "n"}
    assert tree.search("lamp", k=1, where={"source": "good"})[0].node.source == "good"
    for seconds in (-(2**40), -62_135_596_800, -1, 0, 10_413_792_000, 253_402_300_799, 2**40):
        folder = tmp_path / str(seconds)
        folder.mkdir()
        File(b"file.md", f"The ferry sails at {seconds}.".encode(), seconds, "file", 0o644).write(folder)
        tree.plan(folder, measure=False)
        report = tree.sync(folder)
        assert [*report.added, *report.changed] == ["file.md"]
        assert tree.sync(folder).unchanged == 1
    emptied(tree)

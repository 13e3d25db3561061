"""Reading in processes of their own: whatever a parser does costs its file, and nothing is left behind."""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ragtree.load.parsing import digest, scan
from ragtree.load.pool import Finished, read_files
from ragtree.reports import Skipped
from ragtree.settings import LoadSettings
from ragtree.types import Document

ROOT = Path(__file__).parents[2]
LIMITS = LoadSettings(max_seconds=3, workers=2)

_PARSER = """
import ctypes, os, socket, subprocess, sys, time
import ragtree.load.parsing as folder
import ragtree.load.limits as limits
limits.MEMORY_MEGABYTES = 600
real = folder.parse
def parse(data, source, limits, engine=None, figures=None):
    what, _, rest = data.decode("latin-1").partition(" ")
    if what == "crash": ctypes.string_at(0)
    if what == "hang": time.sleep(1000)
    if what == "exit": os._exit(3)
    if what == "memory": bytearray(10**10)
    if what == "leak": folder.kept = bytearray(250_000_000)
    if what == "hungry": bytearray(250_000_000)
    if what == "print": print("noise" * 1000, flush=True); os.write(1, b"noise")
    if what == "write": open(rest, "w")
    if what == "start": subprocess.run(["touch", rest])
    if what == "connect": socket.create_connection(("127.0.0.1", int(rest)))
    return real(b"Text of " + data, source + ".txt", limits)
folder.parse = parse
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for files whose first word says what their parser does."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_PARSER)
    monkeypatch.syspath_prepend(str(site))
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def outcomes(folder: Path, limits: LoadSettings = LIMITS) -> dict[str, str]:
    """Text or reason by source, in the order in which they came."""
    return {
        item.source: item.text if isinstance(item, Document) else item.reason
        for _, item in read_files(scan(folder), limits)
        if not isinstance(item, Finished)
    }


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if "ragtree.load.worker" in child.cmdline()]


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("crash", "its reader crashed (SIGSEGV)"),
        ("exit", "its reader crashed (status 3)"),
        ("hang", "to read it takes longer than load.max_seconds = 3"),
        ("memory", "to read it takes more memory than 600 MB; split it"),
    ],
)
def test_a_parser_that_comes_to_its_end_costs_its_file_alone(folder: Path, what: str, reason: str) -> None:
    names = ["a.pdf", "b.pdf", "c.pdf", "d.pdf"]
    for name in names:
        (folder / name).write_text(f"{what} now" if name == "b.pdf" else name)
    found = outcomes(folder)
    assert found.pop("b.pdf") == reason
    assert found == {f"{name}.txt": f"Text of {name}" for name in names if name != "b.pdf"}
    assert children() == []


def test_a_member_that_crashes_its_parser_costs_itself_alone(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for name, text in {
            "1.pdf": "one",
            "2.pdf": "crash",
            "3.pdf": "three",
            "4.pdf": "exit",
            "5.pdf": "five",
        }.items():
            archive.writestr(name, text)
    (folder / "b.pdf").write_text("after")
    assert outcomes(folder) == {
        "a.zip/1.pdf.txt": "Text of one",
        "a.zip/2.pdf": "its reader crashed (SIGSEGV)",
        "a.zip/3.pdf.txt": "Text of three",
        "a.zip/4.pdf": "its reader crashed (status 3)",
        "a.zip/5.pdf.txt": "Text of five",
        "b.pdf.txt": "Text of after",
    }


def test_an_archive_that_ends_every_reader_is_given_up(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"{number:02}.pdf", "exit")
    found = outcomes(folder)
    assert len(found) == 11
    assert found["a.zip"] == "10 of its members ended their reader; the rest is not read"


def test_memory_that_an_earlier_file_took_is_not_held_against_the_next(folder: Path) -> None:
    (folder / "a.pdf").write_text("leak")
    (folder / "b.pdf").write_text("hungry")
    assert outcomes(folder, LIMITS.model_copy(update={"workers": 1})) == {
        "a.pdf.txt": "Text of leak",
        "b.pdf.txt": "Text of hungry",
    }


def test_a_parser_that_prints_disturbs_nobody(folder: Path) -> None:
    (folder / "a.pdf").write_text("print")
    assert outcomes(folder) == {"a.pdf.txt": "Text of print"}


@pytest.mark.parametrize("what", ["write", "start", "connect"])
def test_a_parser_may_not_write_files_start_programs_or_reach_the_network(folder: Path, what: str) -> None:
    target = folder.parent / "made by a document"
    with socket.create_server(("127.0.0.1", 0)) as server:
        (folder / "a.pdf").write_text(f"{what} {server.getsockname()[1] if what == 'connect' else target}")
        (folder / "b.pdf").write_text("after")
        found = outcomes(folder)
    assert "crashed" in found["a.pdf"]
    assert found["b.pdf.txt"] == "Text of after"
    assert not target.exists()


def test_files_come_in_their_order_however_long_each_takes(folder: Path) -> None:
    for number in range(40):
        (folder / f"{number:02}.{'pdf' if number % 3 else 'txt'}").write_text(f"{number} " + "word " * (4000 - number))
    entries = scan(folder)
    seen = [(entry.id, type(item)) for entry, item in read_files(entries, LIMITS)]
    assert seen == [pair for entry in entries for pair in ((entry.id, Document), (entry.id, Finished))]


def test_what_is_known_is_not_parsed_and_hashes_are_told(folder: Path) -> None:
    (folder / "a.pdf").write_text("one")
    (folder / "b.pdf").write_text("two")
    known = digest(b"one")
    items = list(read_files(scan(folder), LIMITS, lambda entry, sha256: sha256 == known))
    ends = [item for _, item in items if isinstance(item, Finished)]
    assert ends == [Finished(known, known=True), Finished(digest(b"two"))]
    assert len(items) == 3


def test_an_error_of_the_caller_s_comes_out(folder: Path) -> None:
    def fail(*_: object) -> bool:
        raise ZeroDivisionError

    (folder / "a.txt").write_text("one")
    with pytest.raises(ZeroDivisionError):
        list(read_files(scan(folder), LIMITS, fail))


def test_small_text_starts_no_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragtree.load.worker_process._start", None)
    for name in ("a.txt", "b.md", "empty.pdf"):
        (folder / name).write_text("" if name == "empty.pdf" else "Words.")
    assert outcomes(folder) == {"a.txt": "Words.", "b.md": "Words.", "empty.pdf": "it is empty"}


def test_a_program_packed_into_one_file_starts_no_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragtree.load.worker_process._start", None)  # would start the program again
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    (folder / "a.html").write_text("<p>Words.")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("one.txt", "One.")
        archive.writestr("../two.txt", "Two.")
    assert outcomes(folder) == {
        "a.html": "Words.",
        "b.zip/one.txt": "One.",
        "b.zip/../two.txt": "its name leads out of the archive",
    }


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 words", b" \r\n<html>words", b"PK\3\4", b"\xef\xbb\xbf{\\rtf1", b"\xd0\xcf\x11\xe0"]
)
def test_text_that_begins_as_something_else_is_not_parsed_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr("ragtree.load.pool.parse", None)
    (folder / "a.txt").write_bytes(data)
    assert len(outcomes(folder)) == 1


@pytest.mark.parametrize(
    ("module", "name", "ending", "call"),
    [
        ("pool", "read_bytes", "txt", 1),
        ("pool", "parse", "txt", 1),
        ("worker_process", "receive_reply", "pdf", 2),  # the first reply says that the process is ready
    ],
)
def test_memory_that_runs_out_in_this_process_costs_one_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, ending: str, call: int
) -> None:
    for stem in "abc":
        (folder / f"{stem}.{ending}").write_text(f"words {stem}")
    place = f"ragtree.load.{module}.{name}"
    real = getattr(importlib.import_module(f"ragtree.load.{module}"), name)
    calls = itertools.count(1)

    def once(*arguments: object, **named: object) -> object:
        if next(calls) == call:
            raise MemoryError
        return real(*arguments, **named)

    monkeypatch.setattr(place, once)
    items = [item for _, item in read_files(scan(folder), LIMITS.model_copy(update={"workers": 1}))]
    refused = [(item.source, item.reason.partition(";")[0]) for item in items if isinstance(item, Skipped)]
    assert refused == [(f"a.{ending}", "the system has no memory left for it")]
    read = [item.text.removeprefix("Text of ") for item in items if isinstance(item, Document)]
    assert read == ["words b", "words c"]
    ends = [item for item in items if isinstance(item, Finished)]
    assert ends == [Finished(""), Finished(digest(b"words b")), Finished(digest(b"words c"))]


def test_a_process_that_cannot_be_started_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.pdf").write_text("one")
    monkeypatch.setattr(sys, "executable", str(folder / "no python"))
    items = [item for _, item in read_files(scan(folder), LIMITS)]
    assert isinstance(items[0], Skipped)
    assert items[0].reason.startswith("no process could be started to read it")
    assert items[1] == Finished("")  # so that the next sync tries again


def test_closing_in_the_middle_leaves_no_process(folder: Path) -> None:
    for number in range(12):
        (folder / f"{number:02}.pdf").write_text("hang" if number else "one")
    items = read_files(scan(folder), LoadSettings(workers=2))
    next(items)
    assert children()
    started = time.monotonic()
    items.close()
    assert children() == []
    assert time.monotonic() - started < 5


_SYNC = """
import sys
from ragtree.load.parsing import scan
from ragtree.load.pool import read_files
from ragtree.settings import LoadSettings
from pathlib import Path
print("started", flush=True)
for entry, item in read_files(scan(Path(sys.argv[1])), LoadSettings(workers=2)):
    print(type(item).__name__, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_or_killed_program_leaves_no_process(folder: Path, number: signal.Signals) -> None:
    (folder / "a.pdf").write_text("one")
    (folder / "b.pdf").write_text("hang" if number == signal.SIGINT else "two")
    script = folder.parent / "script.py"
    script.write_text(_SYNC if number == signal.SIGINT else _SYNC + "    import time; time.sleep(60)\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder.parent / "site"), str(ROOT)])}
    program = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert program.stdout is not None
    assert [program.stdout.readline() for _ in range(2)] == ["started\n", "Document\n"]
    workers = psutil.Process(program.pid).children(recursive=True)
    assert workers
    program.send_signal(number)
    program.wait(10)
    assert wait_for(lambda: not any(worker.is_running() for worker in workers)), workers
    program.communicate()


def test_a_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.html").write_text("<p>The ferry sails at nine.</p>")
    script = tmp_path / "newcomer.py"
    script.write_text(_SYNC)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "docs")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout) == (0, "started\nDocument\nFinished\n"), done.stderr

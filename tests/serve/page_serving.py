"""A server with the page over a small folder, for the tests of its routes and of the page in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fpdf
import httpx
from running_app import running

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.serve.app import make_app
from ragtree.serve.collections import ServedFolder
from ragtree.serve.guard import ServerAccess

SETTINGS = Settings.model_validate(
    {"chunk": {"tokens": 32}, "summarize": {"tokens": 24, "kind": "extractive"}, "tree": {"group_tokens": 96}}
)
KEEPER = "The keeper of the light at Maw Head is Abel Strake."
FERRY = "The ferry Dunnock carries forty passengers to Tolbrack on Tuesdays."
BYELAW = "No vessel shall pass the breakwater at more than four knots after sunset."
EVIL = """---
title: <img src=x onerror="window.pwned=1">
---
# Wicked <script>window.pwned=2</script>

The wicked parrot Salvator said <img src=x onerror="window.pwned=3"> to the harbour-master at noon.

<script>window.pwned=4</script>

[press here](javascript:window.pwned=5) or <a href="javascript:window.pwned=6">here</a> and
![picture](javascript:window.pwned=7)

| <script>window.pwned=8</script> | b |
| --- | --- |
| <iframe srcdoc="<script>parent.pwned=9</script>"></iframe> | <svg onload=window.pwned=10> |
"""


def write_folder(folder: Path) -> None:
    """Notes in Markdown, a text, a PDF of two pages, and a file that would like to run something."""
    folder.mkdir(parents=True)
    (folder / "letters").mkdir()
    light = f"# The light\n\n## The keeper\n\n{KEEPER} He has a canary, which sings at **noon**.\n\n"
    lamp = "## The lamp\n\nThe lamp burns paraffin oil. It was bought in 1887 from Marrable & Sons.\n\n"
    table = "## Prices\n\n| Article | Price |\n| --- | --- |\n| Oil | two shillings |\n| Wick | one penny |\n"
    (folder / "light.md").write_text(light + lamp + table, encoding="utf-8")
    ferry = f"The ferry company\n\n{FERRY} Mr. Vane owns the company.\nThe fare is sixpence — «half» for children 🐑.\n"
    (folder / "letters" / "ferry & co #1?.txt").write_text(ferry, encoding="utf-8")
    (folder / "evil.md").write_text(EVIL, encoding="utf-8")
    write_pdf(folder / "byelaws.pdf")


def write_pdf(path: Path) -> None:
    """The sentence that is asked for stands on the second page."""
    pdf = fpdf.FPDF()
    pdf.set_font("helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 7, "Byelaws of the harbour. Dogs are to be kept on a lead at the fish quay.")
    pdf.add_page()
    pdf.set_y(120)
    pdf.multi_cell(90, 7, f"Speed in the harbour. {BYELAW} The fine is ten pounds.")
    pdf.output(str(path))


@contextmanager
def served(folders: Sequence[ServedFolder], access: ServerAccess | None = None, **how: Any) -> Iterator[str]:
    """The address of a server in a thread."""
    with running(make_app(folders, access or ServerAccess(), watch=how.pop("watch", False), **how)) as address:
        yield address


def indexed(folder: Path, llm: Any = None) -> ServedFolder:
    """The folder with its index made; answers are quotes unless there is a model."""
    embedder = HashingEmbedder()
    settings = SETTINGS.model_copy(update={"llm": SETTINGS.llm.model_copy(update={"model": "none"})})
    with RagTree.open(folder / ".ragtree", settings, embedder=embedder) as tree:
        tree.sync(folder)
    return ServedFolder(folder, folder / ".ragtree", settings, embedder=embedder, llm=llm)


def client(address: str) -> httpx.Client:
    """A client that keeps cookies, as a browser does."""
    return httpx.Client(base_url=address, timeout=30)

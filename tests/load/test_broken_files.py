"""Files with a few wrong bytes in them: each is read or refused with a reason, and its marks stay in order."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import docx
from hypothesis import given, settings
from hypothesis import strategies as st
from packing import packed
from reading import LIMITS
from test_books import CHAPTERS, book, odt
from test_mail import mail
from test_pptx import presentation, shape, slide
from test_sheets import TIDES, workbook

from ragtree.errors import LoadError
from ragtree.load.parsing import parse

PLAIN = {
    "a.rtf": rb"{\rtf1\ansi{\stylesheet{\s1 heading 1;}}\pard\s1 Tides\par caf\'e9 \u233?\par\trowd a\cell b\cell\row}",
    "a.html": b"<h1>Tides</h1><table><tr><td rowspan=2>a<td>b<tr><td>c</table><ol><li>x<pre>y\n z</pre></ol><nav>n",
    "a.xml": b"<a><sec><title>T</title><p>x<b>y</b></p><f>1</f></sec><table><tr><td>a</td></tr></table></a>",
    "a.tex": rb"\title{T}\begin{document}\section{A} \'e $x$ \begin{tabular}{l}a & b\\\end{tabular}\item[x] y",
    "a.json": b'{"a": [{"b": "c", "d": [1, 2]}, {"e": null}], "f": "g"}',
    "a.csv": b'a,b,c\n1,"2 ""x""",3\n4,5,6\n',
    "a.srt": b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\n00:00:09,000 --> 00:00:10,000\ny\n",
    "a.rst": b"====\nTop\n====\n\nA\n-\n\nx\n",
    "a.org": b"#+TITLE: t\n* A\n** B\nx\n",
    "a.py": b"class A:\n    def b(self):\n        pass\n",
}


@cache
def samples() -> dict[str, bytes]:
    written = io.BytesIO()
    document = docx.Document()
    document.add_heading("Tides", 1)
    document.add_paragraph("They turn.", style="List Number")
    document.add_table(2, 2).cell(0, 0).text = "cell"
    document.save(written)
    return PLAIN | {
        "a.docx": written.getvalue(),
        "a.pptx": presentation([slide(shape("Tides", kind="title"), shape("turn"))]),
        "a.xlsx": workbook({"High water": TIDES}),
        "a.odt": odt(
            "<text:h>Tides</text:h><text:list><text:list-item><text:p>x</text:p></text:list-item></text:list>"
        ),
        "a.epub": book(CHAPTERS, ["one", "two"]),
        "a.eml": mail().as_bytes(),
    }


def damaged(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Some bytes at some places put in place of others; inside of a zip, in the part with the text."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        markup = [
            name for name in parts if name.endswith(("content.xml", "document.xml", "0.xml", "water.xml", "one.xhtml"))
        ]
        inner = parts[markup[0]]
        assert isinstance(inner, bytes)
        return packed(parts | {markup[0]: damaged(inner, changes)})
    for at, length, wrong in changes:
        start = at % (len(data) + 1)
        data = data[:start] + wrong + data[start + length :]
    return data


changes = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 30),
        st.sampled_from([b"", b"\0", b"<", b">", b"\xff", b'"', b"{", b"9" * 12]),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(st.sampled_from(sorted([*PLAIN, "a.docx", "a.pptx", "a.xlsx", "a.odt", "a.epub", "a.eml"])), changes)
def test_a_damaged_file_is_read_or_refused(source: str, wrong: list[tuple[int, int, bytes]]) -> None:
    try:
        document = parse(damaged(samples()[source], wrong), source, LIMITS)
    except LoadError as error:
        assert error.reason and "\n" not in error.reason
        return
    starts = [mark.start for mark in document.marks]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(document.text) for start in starts)


def test_the_samples_are_whole() -> None:
    assert all(parse(data, source, LIMITS).text for source, data in samples().items())

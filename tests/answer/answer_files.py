"""The same paragraphs as a file of any format, for tests of what whole documents lead to."""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage

import docx
from fpdf import FPDF

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"

Maker = Callable[[Sequence[str], str], bytes]


def made(suffix: str, paragraphs: Sequence[str], title: str = "") -> bytes:
    """The bytes of a file that ends in `suffix` and holds the paragraphs under the title."""
    return MAKERS[suffix](paragraphs, title)


def _lines(head: str, between: str) -> Maker:
    def make(paragraphs: Sequence[str], title: str) -> bytes:
        return (head.format(title=title) * bool(title) + between.join(paragraphs) + "\n").encode()

    return make


def _html(paragraphs: Sequence[str], title: str) -> bytes:
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    return f"<html><head><title>{html.escape(title)}</title></head><body>{body}</body></html>".encode()


def _csv(paragraphs: Sequence[str], title: str) -> bytes:
    rows = [f'"{title or "remark"}"', *('"{}"'.format(text.replace('"', '""')) for text in paragraphs)]
    return "".join(f"{number},{row}\n" for number, row in enumerate(rows)).encode()


def _json(paragraphs: Sequence[str], title: str) -> bytes:
    return json.dumps({"title": title, "remarks": list(paragraphs)}, ensure_ascii=False).encode()


def _jsonl(paragraphs: Sequence[str], title: str) -> bytes:
    rows = [{"title": title, "remark": text} for text in paragraphs]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _notebook(paragraphs: Sequence[str], title: str) -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in (f"# {title}", *paragraphs)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _mail(paragraphs: Sequence[str], title: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "clerk@example.com", title or "Remarks"
    message.set_content("\n\n".join(paragraphs))
    return message.as_bytes()


def _subtitles(head: str, comma: str) -> Maker:
    def make(paragraphs: Sequence[str], title: str) -> bytes:
        said = [text for text in (title, *paragraphs) if text]
        cues = [
            f"{at + 1}\n00:{at:02}:01{comma}000 --> 00:{at:02}:09{comma}000\n{text}\n" for at, text in enumerate(said)
        ]
        return (head + "\n".join(cues)).encode()

    return make


def _latex(paragraphs: Sequence[str], title: str) -> bytes:
    def safe(text: str) -> str:
        return "".join(f"\\{sign}" if sign in "#$%&_{}" else sign for sign in text)

    body = "\n\n".join(map(safe, paragraphs))
    return f"\\documentclass{{article}}\\title{{{safe(title)}}}\\begin{{document}}\n{body}\n\\end{{document}}".encode()


def _xml(paragraphs: Sequence[str], title: str) -> bytes:
    body = "".join(f"<remark>{html.escape(text)}</remark>" for text in paragraphs)
    return f"<remarks><title>{html.escape(title)}</title>{body}</remarks>".encode()


def _rtf(paragraphs: Sequence[str], title: str) -> bytes:
    def safe(text: str) -> str:
        signs = (f"\\{sign}" if sign in "\\{}" else sign if ord(sign) < 128 else f"\\u{ord(sign)}?" for sign in text)
        return "".join(signs)

    return ("{\\rtf1\\ansi " + "\\par ".join(map(safe, [*([title] if title else []), *paragraphs])) + "}").encode()


def _word(paragraphs: Sequence[str], title: str) -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    for text in paragraphs:
        document.add_paragraph(text)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _pdf(paragraphs: Sequence[str], title: str) -> bytes:
    page = FPDF()
    page.set_title(title)
    page.add_page()
    page.set_font("Helvetica", size=12)
    for text in paragraphs:
        page.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT", align="L")
        page.ln(8)
    return bytes(page.output())


def _zipped(parts: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def _related(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


_CONTENT = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def _slides(paragraphs: Sequence[str], title: str) -> bytes:
    rows = "".join(f"<a:p><a:r><a:t>{html.escape(text)}</a:t></a:r></a:p>" for text in paragraphs)
    head = f"<a:p><a:r><a:t>{html.escape(title)}</a:t></a:r></a:p>"
    shapes = "".join(
        f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody>{inside}</p:txBody></p:sp>"
        for kind, inside in (('<p:ph type="title"/>', head), ("", rows))
    )
    names = f'xmlns:p="{_SLIDES}" xmlns:r="{_OFFICE}" xmlns:a="{_DRAWING}"'
    return _zipped(
        {
            "[Content_Types].xml": _CONTENT,
            "_rels/.rels": _related("officeDocument", "ppt/presentation.xml"),
            "ppt/presentation.xml": f'<p:presentation {names}><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst>'
            "</p:presentation>",
            "ppt/_rels/presentation.xml.rels": _related("slide", "slides/slide1.xml"),
            "ppt/slides/slide1.xml": f"<p:sld {names}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>",
        }
    )


def _sheet(paragraphs: Sequence[str], title: str) -> bytes:
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{html.escape(text)}</t></is></c></row>'
        for at, text in enumerate(["remark", *paragraphs], start=1)
    )
    name = html.escape(title[:31] or "Remarks")
    return _zipped(
        {
            "[Content_Types].xml": _CONTENT,
            "_rels/.rels": _related("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets><sheet name="{name}" '
            'sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _related("worksheet", "sheet1.xml"),
            "xl/sheet1.xml": f'<worksheet xmlns="{_SHEETS}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def _open_document(paragraphs: Sequence[str], title: str) -> bytes:
    body = "".join(f"<text:p>{html.escape(text)}</text:p>" for text in paragraphs)
    head = f'<text:h text:outline-level="1">{html.escape(title)}</text:h>' if title else ""
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0"><office:body>'
        f"<office:text>{head}{body}</office:text></office:body></office:document-content>"
    )
    return _zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _book(paragraphs: Sequence[str], title: str) -> bytes:
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    opf = (
        f'<package xmlns:dc="dc"><metadata><dc:title>{html.escape(title)}</dc:title></metadata><manifest>'
        '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="one"/></spine></package>'
    )
    return _zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
            "book.opf": opf,
            "one.xhtml": f"<html><body>{body}</body></html>",
        }
    )


MAKERS: dict[str, Maker] = {
    ".md": _lines("# {title}\n\n", "\n\n"),
    ".txt": _lines("{title}\n\n", "\n\n"),
    ".rst": _lines("{title}\n=======================================================\n\n", "\n\n"),
    ".adoc": _lines("= {title}\n\n", "\n\n"),
    ".html": _html,
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _jsonl,
    ".ipynb": _notebook,
    ".eml": _mail,
    ".srt": _subtitles("", ","),
    ".vtt": _subtitles("WEBVTT\n\n", "."),
    ".tex": _latex,
    ".xml": _xml,
    ".rtf": _rtf,
    ".docx": _word,
    ".pdf": _pdf,
    ".pptx": _slides,
    ".xlsx": _sheet,
    ".odt": _open_document,
    ".epub": _book,
}

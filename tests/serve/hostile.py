"""Thirty documents that would like to run something in the browser of whoever reads them."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import escape

import docx
import fpdf

RUN = "window.pwned=1"
_SCRIPT = f"<script>{RUN}</script>"
_IMAGE = f'<img src=x onerror="{RUN}">'
_SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script>'
    f'<a href="javascript:{RUN}">x</a></svg>'
)


def _zip(files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


def _mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"{_IMAGE} <a@example.org>", f"The parrot {_SCRIPT}"
    mail.set_content(f"The parrot of the mail says {_SCRIPT}")
    mail.add_alternative(f"<p>The parrot of the mail says {_IMAGE}</p>", subtype="html")
    mail.add_attachment(_SVG.encode(), maintype="image", subtype="svg+xml", filename=f"{_IMAGE[:20]}.svg")
    return bytes(mail)


def _word() -> bytes:
    document, held = docx.Document(), io.BytesIO()
    document.core_properties.title = _IMAGE
    document.add_heading(f"Parrot {_SCRIPT}")
    document.add_paragraph(f"The parrot of the letter says {_IMAGE} {_SVG}")
    document.save(held)
    return held.getvalue()


def _sheet() -> bytes:
    strings = [f"parrot {_SCRIPT}", _IMAGE, "says"]
    cells = "".join(
        f'<c r="{column}1" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for column, text in zip("ABC", strings, strict=True)
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    name = escape(_IMAGE[:20], {'"': "&quot;"})
    book = f'<sheets><sheet name="{name}" sheetId="1" xmlns:r="{office}" r:id="s"/></sheets>'
    return _zip(
        {
            "_rels/.rels": links + _linked(office, "r", "officeDocument", "xl/workbook.xml") + "</Relationships>",
            "xl/workbook.xml": f"<workbook {main}>{book}</workbook>",
            "xl/_rels/workbook.xml.rels": links
            + _linked(office, "s", "worksheet", "worksheets/s.xml")
            + "</Relationships>",
            "xl/worksheets/s.xml": f'<worksheet {main}><sheetData><row r="1">{cells}</row></sheetData></worksheet>',
        }
    )


def _linked(office: str, key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{office}/{kind}" Target="{target}"/>'


def _pdf(words: str) -> bytes:
    pdf = fpdf.FPDF()
    pdf.set_title(_IMAGE)
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(0, 10, words, link=f"javascript:{RUN}")
    return bytes(pdf.output())


def _markdown(text: str) -> bytes:
    return f"# Parrot\n\nThe parrot says this:\n\n{text}\n".encode()


def _html(body: str, head: str = "") -> bytes:
    return (
        f"<html><head><title>Parrot</title>{head}</head><body><p>The parrot says this:</p>{body}</body></html>".encode()
    )


DOCUMENTS: dict[str, bytes] = {
    "script.md": _markdown(_SCRIPT),
    "image.md": _markdown(_IMAGE),
    "link.md": _markdown(f"[press](javascript:{RUN}) [press](JaVaScRiPt:{RUN}) [press](java&#10;script:{RUN})"),
    "data-link.md": _markdown(f"[press](data:text/html,{_SCRIPT}) [press](vbscript:{RUN}) <javascript:{RUN}>"),
    "reference.md": _markdown(f"[press][1] ![x][1]\n\n[1]: javascript:{RUN} 'a\" onclick=\"{RUN}'"),
    "frame.md": _markdown(f'<iframe srcdoc="{_SCRIPT}"></iframe><object data="data:text/html,{_SCRIPT}"></object>'),
    "svg.md": _markdown(_SVG),
    "math.md": _markdown(
        f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></table></mtext></math>'
    ),
    "noscript.md": _markdown(f'<noscript><p title="</noscript>{_IMAGE}"></noscript>'),
    "template.md": _markdown(f"<template>{_SCRIPT}</template><xmp>{_SCRIPT}</xmp><textarea>{_SCRIPT}</textarea>"),
    "code.md": _markdown(f"```html\n{_SCRIPT}\n```\n\n`{_IMAGE}`\n\n    {_SCRIPT}"),
    "table.md": _markdown(f"| {_SCRIPT} | b |\n| --- | --- |\n| {_IMAGE} | {_SVG} |"),
    "front-matter.md": f"---\ntitle: {_IMAGE}\nauthor: '{_SCRIPT}'\n---\n\nThe parrot says this.\n".encode(),
    "entities.md": _markdown("&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;img src=x onerror=window.pwned=1&#62;"),
    "form.md": _markdown(f'<form action="javascript:{RUN}"><button autofocus onfocus="{RUN}">press</button></form>'),
    "style.md": _markdown(
        '<style>@import "https://evil.example/x.css"; *{background:url(https://evil.example)}</style>'
    ),
    "base.html": _html(
        _IMAGE, '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">'
    ),
    "script.html": _html(f"{_SCRIPT}<p onclick='{RUN}' style='position:fixed;inset:0'>press</p>"),
    "svg.html": _html(_SVG + f'<svg><foreignObject><iframe srcdoc="{_SCRIPT}"></iframe></foreignObject></svg>'),
    "cdata.html": _html(f"<![CDATA[{_SCRIPT}]]><!--><img src=x onerror={RUN}>--><p>{_SCRIPT}"),
    "drawing.svg": _SVG.encode(),
    "plain.txt": f"The parrot says this: {_SCRIPT} {_IMAGE} {_SVG}\n".encode(),
    "right-to-left.txt": f"The parrot says \u202e{_IMAGE}\u202c and \u2066{_SCRIPT}\u2069.\n".encode(),
    "control.txt": f"The parrot says \x1b[31m {_SCRIPT}.\n".encode(),
    "wide.csv": (",".join(["parrot", *[_IMAGE] * 400]) + "\n" + ",".join(["1"] * 401) + "\n").encode(),
    "deep.json": ("[" * 900 + f'"The parrot says {_IMAGE}"' + "]" * 900).encode(),
    "letter.docx": _word(),
    "sheet.xlsx": _sheet(),
    "link.pdf": _pdf(f"The parrot of the page says {_SCRIPT}"),
    "all.zip": _zip(
        {"in/script.md": _markdown(_SCRIPT).decode(), f"in/{_IMAGE[:30].replace('/', '')}.txt": f"The parrot {_IMAGE}"}
    ),
    "mail.eml": _mail(),
    f"{_IMAGE[:24]}.txt": f"The parrot of the name says {_SCRIPT}\n".encode(),
}


def write_hostile(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True)
    for name, data in DOCUMENTS.items():
        (folder / name).write_bytes(data)

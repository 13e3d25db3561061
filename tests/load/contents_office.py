"""Small files of Word, Excel and PowerPoint, one for each thing that they may hold: what it is -> file, words."""

from __future__ import annotations

from packing import R, W, office, word
from scanning import page, saved
from test_pptx import P, frame, presentation, shape, slide
from test_sheets import X, cells, row

Sample = tuple[bytes, str]
NOISE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
"""The container of old Office files, with nothing in it."""
_DRAWING = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
CHART = (
    f"<c:chartSpace {_DRAWING}><c:chart><c:title><a:t>Tides</a:t></c:title><c:plotArea><c:barChart><c:ser><c:cat>"
    '<c:pt idx="0"><c:v>Leith</c:v></c:pt></c:cat><c:val><c:pt idx="0"><c:v>5.1</c:v></c:pt></c:val></c:ser>'
    "</c:barChart></c:plotArea></c:chart></c:chartSpace>"
)
DIAGRAM = (
    f"<d:dataModel {_DRAWING}><d:ptLst><d:pt><d:t><a:p><a:t>Step one</a:t></a:p></d:t></d:pt></d:ptLst></d:dataModel>"
)
CORE = (
    '<c:coreProperties xmlns:c="c" xmlns:dc="dc" xmlns:t="t"><dc:title>T</dc:title><dc:creator>Ada Finch</dc:creator>'
    "</c:coreProperties>"
)
FORMULA = "<m:oMath><m:f><m:num><m:t>a</m:t></m:num><m:den><m:t>b</m:t></m:den></m:f></m:oMath>"
SIGN = saved(page(["Fog signal"]))
ABOUT: dict[str, str | bytes] = {"docProps/core.xml": CORE}


def run(text: str, look: str = "") -> str:
    return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}<w:t>{text}</w:t></w:r>"


def paragraph(*inside: str) -> str:
    return f"<w:p>{''.join(inside) or run('Anchor')}</w:p>"


def part(root: str, inside: str) -> str:
    return f"<w:{root} {W} {R} {_DRAWING}>{inside}</w:{root}>"


def field(code: str, shown: str, data: str = "") -> str:
    marks = [
        f'<w:r><w:fldChar w:fldCharType="{kind}">{data}</w:fldChar></w:r>' for kind in ("begin", "separate", "end")
    ]
    return f"{marks[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{marks[1]}{run(shown)}{marks[2]}"


def inline(inside: str, about: str = "") -> str:
    return f"<w:r><w:drawing><wp:inline {_DRAWING}><wp:docPr {about}/>{inside}</wp:inline></w:drawing></w:r>"


def control(properties: str, text: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{run(text)}</w:sdtContent></w:sdt>"


def related(body: str, identity: str, kind: str, target: str, data: str | bytes = "") -> bytes:
    parts: dict[str, str | bytes] = {} if ":" in target else {f"word/{target}": data}
    return word(body, parts, {identity: (kind, target)})


TICK = '<w14:checkbox xmlns:w14="w14"><w14:checked w14:val="1"/></w14:checkbox>'
BOX = "<w:ffData><w:checkBox><w:default/></w:checkBox></w:ffData>"
NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
OBJECT = '<w:r><w:object><o:OLEObject xmlns:o="o" r:id="e"/></w:object></w:r>'
MERGED = (
    '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Both</w:t></w:r></w:p></w:tc></w:tr>'
    "<w:tr><w:tc><w:p><w:r><w:t>5</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
)
RUBY = "<w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>Anchor</w:t></w:r></w:rubyBase></w:ruby>"
COMMENT = part("comments", f'<w:comment w:id="1" w:author="Ada">{paragraph(run("why?"))}</w:comment>')
FOOT = part("ftr", paragraph(run("Harbour trust of Leith"), "<w:r><w:tab/></w:r>", run("Page "), field("PAGE", "3")))
INNER = word(paragraph(run("Words within")))

WORD_FILES: dict[str, Sample] = {
    "paragraphs, headings, lists": (word(paragraph()), "Anchor"),
    "tables and merged cells": (word(MERGED), "| Both | Both |"),
    "text boxes": (
        word(paragraph("<w:r><w:txbxContent>" + paragraph(run("Boxed")) + "</w:txbxContent></w:r>")),
        "Boxed",
    ),
    "footnotes and endnotes": (
        word(paragraph(NOTE), footnotes=part("footnotes", f'<w:footnote w:id="2">{paragraph()}</w:footnote>')),
        "Note: Anchor",
    ),
    "comments": (
        word(paragraph('<w:r><w:commentReference w:id="1"/></w:r>'), comments=COMMENT),
        "Comment by Ada: why?",
    ),
    "headers and footers": (word(paragraph(), footer=FOOT), "Anchor\n\nFooter: Harbour trust of Leith"),
    "content controls": (word(paragraph(control(TICK, "☒"), run(" Insured"))), "[x] Insured"),
    "legacy form fields": (word(paragraph(field("FORMCHECKBOX", "", BOX), run(" Insured"))), "[x] Insured"),
    "fields": (word(paragraph(field("DATE", "3 May"))), "3 May"),
    "link targets": (
        related(
            paragraph(f'<w:hyperlink r:id="h">{run("fares")}</w:hyperlink>'), "h", "hyperlink", "https://f.example/"
        ),
        "fares (https://f.example/)",
    ),
    "equations": (word(paragraph(f"<w:r {_DRAWING}>{FORMULA}</w:r>")), r"\frac{a}{b}"),
    "charts": (related(paragraph(inline('<c:chart r:id="c"/>')), "c", "chart", "c.xml", CHART), "| Leith | 5.1 |"),
    "diagrams (SmartArt)": (
        related(paragraph(inline('<d:relIds r:dm="d"/>')), "d", "diagramData", "d.xml", DIAGRAM),
        "Step one",
    ),
    "alternative text of pictures": (word(paragraph(inline("", 'descr="A pier at dusk"'))), "Picture: A pier at dusk"),
    "text in pictures": (
        related(paragraph(inline('<a:blip r:embed="i"/>')), "i", "image", "i.png", SIGN),
        "Text in a picture: Fog signal",
    ),
    "embedded documents and workbooks": (related(paragraph(OBJECT), "e", "package", "i.docx", INNER), "Words within"),
    "parts in other formats (altChunk)": (
        related('<w:altChunk r:id="a"/>', "a", "aFChunk", "a.html", "<html><p>Words of a page</p></html>"),
        "Words of a page",
    ),
    "tracked insertions": (word(paragraph(f"<w:ins>{run('put in')}</w:ins>")), "put in"),
    "characters of the Symbol and Wingdings fonts": (
        word(paragraph('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', run(" Insured"))),
        "[x] Insured",
    ),
    "title, author, subject, keywords, date": (word(paragraph(), ABOUT), "Ada Finch"),
    "tracked deletions": (word(paragraph(run("Anchor"), f"<w:del>{run('taken out')}</w:del>")), "taken out"),
    "placeholders in empty content controls": (
        word(paragraph(run("Anchor"), control("<w:showingPlcHdr/>", "Click here"))),
        "Click here",
    ),
    "page numbers": (word(paragraph(), footer=FOOT), "Page"),
    "pronunciation guides (ruby)": (word(paragraph(f"<w:r>{RUBY}</w:r>")), "kan"),
    "pictures": (word(paragraph(run("Anchor"), inline("", 'name="IMG_1" descr="IMG_1.png"'))), "IMG"),
    "embedded files": (related(paragraph(run("Anchor"), OBJECT), "e", "oleObject", "o.bin", NOISE), "o.bin"),
    "hidden text": (word(paragraph(run("Anchor"), run("secret", "<w:vanish/>"))), "secret"),
    "unknown symbols": (word(paragraph(run("Anchor"), '<w:r><w:sym w:font="Odd" w:char="F099"/></w:r>')), "Odd"),
    "linked documents": (word(paragraph() + '<w:subDoc r:id="s"/>'), "s.docx"),
    "broken parts of the file": (word(paragraph(), comments="no XML"), "no XML"),
}


def workbook(
    inside: str,
    parts: dict[str, str | bytes] | None = None,
    links: dict[str, tuple[str, str]] | None = None,
    code: str = "General",
    state: str = "visible",
    names: str = "",
    title: str = "Sheet1",
    calculate: bool = False,
) -> bytes:
    """One sheet; `parts` and `links` are what it refers to, `code` is the number format of style 1."""
    styles = (
        f'<styleSheet {X}><numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="164"/></cellXfs></styleSheet>'
    )
    calculation = '<calcPr fullCalcOnLoad="1"/>' if calculate else ""
    sheets = f'<sheets><sheet name="{title}" state="{state}" r:id="s"/></sheets>'
    files: dict[str, str | bytes] = {
        "xl/workbook.xml": f"<workbook {X}>{sheets}<definedNames>{names}</definedNames>{calculation}</workbook>",
        "xl/sheet.xml": f"<worksheet {X}>{inside}</worksheet>",
        "xl/styles.xml": styles,
        "xl/people.xml": '<personList xmlns="p"><person id="1" displayName="Bo"/></personList>',
    }
    main = {"s": ("worksheet", "sheet.xml"), "t": ("styles", "styles.xml"), "p": ("person", "people.xml")}
    return office("xl/workbook.xml", files | (parts or {}), {"xl/workbook.xml": main, "xl/sheet.xml": links or {}})


def drawing(inside: str, more: dict[str, str | bytes] | None = None) -> bytes:
    parts: dict[str, str | bytes] = {"xl/d.xml": f"<xdr:wsDr xmlns:xdr='x' {_DRAWING} {R}>{inside}</xdr:wsDr>"}
    parts |= {f"xl/_rels/{name}" if name.endswith("rels") else name: text for name, text in (more or {}).items()}
    return workbook(ANCHOR, parts | {"xl/c.xml": CHART, "xl/m.xml": DIAGRAM}, {"d": ("drawing", "d.xml")})


def drawn(identity: str, kind: str, target: str) -> dict[str, str | bytes]:
    return {
        "d.xml.rels": f'<Relationships xmlns="r"><Relationship Id="{identity}" Type="x/{kind}" Target="{target}"/>'
        "</Relationships>"
    }


ANCHOR = cells(row(1, "Anchor"))
TABLE = cells(row(1, "Port", "Tide"), row(2, "Leith", "5"), row(3, "Skye", "4"))
TOTAL = '<row r="4"><c r="A4" t="inlineStr"><is><t>Total</t></is></c><c r="B4"><f>SUM(B2:B3)</f><v></v></c></row>'
COMMENTS = (
    f'<comments {X}><authors><author>Ada</author></authors><commentList><comment ref="A1" authorId="0"><text>'
    "<r><t>Ada: why?</t></r></text></comment></commentList></comments>"
)
RICH = '<row r="1"><c r="A1" t="inlineStr"><is><r><t>in </t></r><r><t>parts</t></r><rPh><t>kan</t></rPh></is></c></row>'

WORKBOOKS: dict[str, Sample] = {
    "cells": (workbook(TABLE), "Port: Leith; Tide: 5"),
    "numbers, dates, durations, currencies, units": (
        workbook(cells('<row r="1"><c r="A1" s="1"><v>1.5</v></c></row>'), code="[h]:mm:ss"),
        "36:00:00",
    ),
    "error values": (workbook(cells('<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c></row>')), "#DIV/0!"),
    "rich text": (workbook(cells(RICH)), "in parts"),
    "merged cells": (
        workbook(
            cells(row(1, "Port", "Day"), row(2, "Leith", "Mon"), row(3, "", "Tue"))
            + '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
        ),
        "Port: Leith; Day: Tue",
    ),
    "comments and threads": (
        workbook(ANCHOR, {"xl/c.xml": COMMENTS}, {"c": ("comments", "c.xml")}),
        "A1: Comment by Ada: why?",
    ),
    "charts": (drawing('<c:chart r:id="c"/>', drawn("c", "chart", "c.xml")), "| Leith | 5.1 |"),
    "diagrams (SmartArt)": (drawing('<d:relIds r:dm="m"/>', drawn("m", "diagramData", "m.xml")), "Step one"),
    "text boxes": (
        drawing("<xdr:sp><xdr:txBody><a:p><a:r><a:t>Boxed</a:t></a:r></a:p></xdr:txBody></xdr:sp>"),
        "Boxed",
    ),
    "alternative text of pictures": (
        drawing('<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" descr="A pier"/></xdr:nvPicPr></xdr:pic>'),
        "Picture: A pier",
    ),
    "text in pictures": (
        drawing('<xdr:pic><a:blip r:embed="i"/></xdr:pic>', {**drawn("i", "image", "i.png"), "xl/i.png": SIGN}),
        "Text in a picture: Fog signal",
    ),
    "headers and footers": (
        workbook(
            ANCHOR + '<headerFooter><oddFooter>&amp;L&amp;"Arial,Bold"&amp;9Harbour trust</oddFooter></headerFooter>'
        ),
        "Harbour trust",
    ),
    "names defined as a value": (
        workbook(ANCHOR, names='<definedName name="Rate">0.19</definedName>'),
        "Rate: 0.19",
    ),
    "names of sheets": (workbook(ANCHOR, title="High water"), "High water\n\nAnchor"),
    "link targets": (
        workbook(
            ANCHOR + '<hyperlinks><hyperlink ref="A1" r:id="h"/></hyperlinks>',
            None,
            {"h": ("hyperlink", "mailto:a@b.example")},
        ),
        "Anchor (a@b.example)",
    ),
    "title, author, subject, keywords, date": (workbook(ANCHOR, ABOUT), "Ada Finch"),
    "names of ranges and tables": (
        workbook(ANCHOR, names='<definedName name="Berths">Sheet1!$A$1</definedName>'),
        "Berths",
    ),
    "data validation and conditional formatting": (
        workbook(ANCHOR + '<dataValidations><dataValidation prompt="Pick one"/></dataValidations>'),
        "Pick",
    ),
    "page numbers": (
        workbook(ANCHOR + "<headerFooter><oddFooter>&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>"),
        "Page",
    ),
    "pronunciation guides (ruby)": (workbook(cells(RICH, row(2, "Anchor"))), "kan"),
    "pictures": (drawing('<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" name="IMG"/></xdr:nvPicPr></xdr:pic>'), "IMG"),
    "formulas without a cached value": (workbook(TABLE.replace("</sheetData>", f"{TOTAL}</sheetData>")), "=SUM(B2:B3)"),
    "invalid cells": (workbook(cells('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', row(2, "Anchor"))), "Anchor"),
    "hidden sheets": (workbook(ANCHOR, state="hidden"), "Anchor"),
    "hidden rows and columns": (workbook(ANCHOR.replace('<row r="1">', '<row r="1" hidden="1">')), "Anchor"),
    "form controls": (workbook(ANCHOR, {"xl/f.xml": "<f/>"}, {"f": ("ctrlProp", "f.xml")}), "f.xml"),
    "embedded files": (workbook(ANCHOR, {"xl/o.bin": NOISE}, {"o": ("oleObject", "o.bin")}), "o.bin"),
    "broken parts of the file": (workbook(ANCHOR.replace("</sheetData>", "<row></c>")), "never"),
}


def on_slide(inside: str, identity: str = "", kind: str = "", target: str = "", data: str | bytes = "") -> bytes:
    """One slide that says Anchor and holds `inside`, and what that refers to."""
    files: dict[str, str | bytes] = {
        "ppt/presentation.xml": f'<p:presentation {P}><p:sldIdLst><p:sldId r:id="s"/></p:sldIdLst></p:presentation>',
        "ppt/slide.xml": slide(shape("Anchor"), inside)
        .replace("<p:sld ", f"<p:sld {_DRAWING} ", 1)
        .replace('xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"', "", 1),
        "ppt/people.xml": f'<p:cmAuthorLst {P}><p:cmAuthor id="0" name="Ada"/></p:cmAuthorLst>',
    }
    if data:
        files[f"ppt/{target}"] = data
    main = {"s": ("slide", "slide.xml"), "p": ("commentAuthors", "people.xml")}
    beside = {identity: (kind, target)} if identity else {}
    return office("ppt/presentation.xml", files, {"ppt/presentation.xml": main, "ppt/slide.xml": beside})


def picture(about: str, inside: str = "") -> str:
    return f'<p:pic><p:nvPicPr><p:cNvPr id="1" {about}/><p:nvPr>{inside}</p:nvPr></p:nvPicPr></p:pic>'


SPANNED = (
    '<a:tbl><a:tr><a:tc gridSpan="2"><p:txBody><a:p><a:r><a:t>Both</a:t></a:r></a:p></p:txBody></a:tc>'
    '<a:tc hMerge="1"/></a:tr><a:tr><a:tc><p:txBody><a:p><a:r><a:t>5</a:t></a:r></a:p></p:txBody></a:tc><a:tc/></a:tr>'
    "</a:tbl>"
)
LINKED = (
    '<p:sp><p:txBody><a:p><a:r><a:rPr><a:hlinkClick r:id="h"/></a:rPr><a:t>fares</a:t></a:r></a:p></p:txBody></p:sp>'
)
NOTES = slide(shape("Slowly.", kind="body"), kind="notes")
REMARKS = f'<p:cmLst {P}><p:cm authorId="0"><p:text>why?</p:text></p:cm></p:cmLst>'

PRESENTATIONS: dict[str, Sample] = {
    "text of slides, groups and shapes": (presentation([slide(shape("Anchor"))]), "Anchor"),
    "tables and merged cells": (on_slide(frame(SPANNED)), "| Both | Both |"),
    "notes": (on_slide("", "n", "notesSlide", "n.xml", NOTES), "Notes: Slowly."),
    "comments": (on_slide("", "c", "comments", "c.xml", REMARKS), "Comment by Ada: why?"),
    "charts": (on_slide(frame('<c:chart r:id="c"/>'), "c", "chart", "c.xml", CHART), "| Leith | 5.1 |"),
    "diagrams (SmartArt)": (
        on_slide(frame('<d:relIds r:dm="d"/>'), "d", "diagramData", "d.xml", DIAGRAM),
        "Step one",
    ),
    "equations": (on_slide(f"<p:sp><p:txBody><a:p><a:m>{FORMULA}</a:m></a:p></p:txBody></p:sp>"), r"\frac{a}{b}"),
    "link targets": (on_slide(LINKED, "h", "hyperlink", "https://f.example/"), "fares (https://f.example/)"),
    "alternative text of pictures": (on_slide(picture('descr="A pier at dusk"')), "Picture: A pier at dusk"),
    "text in pictures": (
        on_slide(picture("", '<a:blip r:embed="i"/>'), "i", "image", "i.png", SIGN),
        "Text in a picture: Fog signal",
    ),
    "embedded documents and workbooks": (
        on_slide(frame('<p:oleObj r:id="e"/>'), "e", "package", "i.docx", INNER),
        "Words within",
    ),
    "title, author, subject, keywords, date": (presentation([slide(shape("Anchor"))], ABOUT), "Ada Finch"),
    "slide numbers, dates, footers": (on_slide(shape("Furniture", kind="ftr")), "Furniture"),
    "text of layouts and masters": (
        on_slide("", "l", "slideLayout", "l.xml", slide(shape("Click to edit"), kind="sldLayout")),
        "Click",
    ),
    "pictures": (on_slide(picture('name="IMG" descr="IMG_1.png"')), "IMG"),
    "hidden slides": (presentation([slide(shape("Anchor")).replace("<p:sld ", '<p:sld show="0" ', 1)]), "Anchor"),
    "sounds and videos": (on_slide(picture("", '<a:videoFile r:link="v"/>')), "video"),
    "embedded files": (on_slide(frame('<p:oleObj r:id="e"/>'), "e", "oleObject", "o.bin", NOISE), "o.bin"),
    "broken parts of the file": (on_slide("", "n", "notesSlide", "n.xml", "no XML"), "no XML"),
}

"""Small PDFs, pages, books and OpenDocument files, one for each thing that they may hold: what it is -> file, words."""

from __future__ import annotations

import base64
import io

from pdf_making import Made, annotated, lines, stream
from scanning import page as scanned
from scanning import saved
from test_books import NAMES, book, odt

Sample = tuple[bytes, str]
SIGN = saved(scanned(["Fog signal"]))
ENCODED = f"data:image/png;base64,{base64.b64encode(SIGN).decode()}"
_RECT = "/Rect [200 676 400 694] /F 4"


def widget(more: str) -> str:
    return f"<< /Type /Annot /Subtype /Widget {_RECT} {more} >>"


def annotation(kind: str, more: str) -> str:
    return f"<< /Type /Annot /Subtype /{kind} {_RECT} {more} >>"


def written(*pages: str, head: str = "") -> bytes:
    """By fpdf2: a page for each text, a picture of one point where there is none."""
    made = Made()
    made.set_author("Ada Finch")
    for number, text in enumerate(pages, start=1):
        if number > 1:
            made.add_page()
        if text:
            made.put(72, 200, text)
        else:
            made.image(io.BytesIO(PIXEL), 72, 200, 90, 90)
        if head:
            made.put(72, 40, head)
            made.put(300, 820, f"{number} of {len(pages)}")
    return made.data()


PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
TEXT = lines("Anchor", "Vessel:")
LOOKS = "/AP << /N << /Yes 7 0 R /Off 7 0 R >> >>"
XFA = "<xfa:datasets xmlns:xfa='x'><xfa:data><boat>Kittiwake</boat></xfa:data></xfa:datasets>"
IMAGE = stream(b"\0", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8")
FILE = "/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>"
FIGURE = (
    "/MarkInfo << /Marked true >> /StructTreeRoot 6 0 R",
    "<< /Type /StructTreeRoot /K [7 0 R] /ParentTree << /Nums [0 [7 0 R]] >> >>",
    "<< /Type /StructElem /S /Figure /P 6 0 R /Pg 3 0 R /K 0 /Alt (A pier at dusk) >>",
)
HEAD = "/Outlines 6 0 R"
MARKS = (
    "<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
    "<< /Title (Vessel:) /Parent 6 0 R /Dest [3 0 R /Fit] >>",
)

PDFS: dict[str, Sample] = {
    "text": (annotated([], TEXT), "Anchor"),
    "form fields": (annotated([widget("/FT /Tx /T (v) /V (Kittiwake)")], TEXT), "Vessel: Kittiwake"),
    "check boxes and radio buttons": (
        annotated([widget(f"/FT /Btn /T (v) /V /Yes /AS /Yes {LOOKS}")], TEXT, [stream("")]),
        "Vessel: [x]",
    ),
    "text typed onto a page (free text)": (
        annotated([annotation("FreeText", "/Contents (Kittiwake)")], TEXT),
        "Vessel: Kittiwake",
    ),
    "notes and comments": (annotated([annotation("Text", "/T (Ada) /Contents (why?)")], TEXT), "Comment by Ada: why?"),
    "stamps": (annotated([annotation("Stamp", "/Name /Approved")], TEXT), "Stamp: Approved"),
    "link targets": (
        annotated(
            ["<< /Type /Annot /Subtype /Link /Rect [72 676 120 694] /A << /S /URI /URI (https://f.example) >> >>"], TEXT
        ),
        "Vessel: (https://f.example)",
    ),
    "alternative text of pictures": (
        annotated([], TEXT + " /Figure << /MCID 0 >> BDC 0 0 9 9 re f EMC", FIGURE[1:], "/StructParents 0", FIGURE[0]),
        "Picture: A pier at dusk",
    ),
    "bookmarks": (annotated([], TEXT, MARKS, catalog=HEAD), "Vessel:"),
    "data of XFA forms": (
        annotated([], TEXT, [stream(XFA)], catalog="/AcroForm << /Fields [] /XFA [(datasets) 6 0 R] >>"),
        "boat: Kittiwake",
    ),
    "text of scanned pages": (saved(scanned(["Fog signal"]), kind="PDF"), "Fog signal"),
    "invisible text": (annotated([], TEXT + " BT 3 Tr /F 12 Tf 72 500 Td (Unseen words) Tj ET"), "Unseen words"),
    "title, author, dates": (written("Anchor"), "Ada Finch"),
    "running heads and page numbers": (written("Anchor", "two", "three", head="Tide tables"), "2 of 3"),
    "pictures": (annotated([], TEXT + " q 90 0 0 90 72 300 cm /I Do Q", [IMAGE], "/XObject << /I 6 0 R >>"), "IMG"),
    "buttons and scripts": (annotated([widget("/FT /Btn /Ff 65536 /T (b) /MK << /CA (Send) >>")], TEXT), "Send"),
    "broken pages": (written("Anchor", "two").replace(b"/Type /Page\n", b"/Type /Pagx\n", 1), "never"),
    "attached files": (
        annotated(
            [],
            TEXT,
            ["<< /Type /Filespec /F (tides.csv) /UF (tides.csv) /EF << /F 7 0 R >> >>", stream("a,b")],
            catalog=FILE,
        ),
        "a,b",
    ),
    "digital signatures": (
        annotated(
            [widget("/FT /Sig /T (s) /V 7 0 R")], TEXT, ["<< /Type /Sig /Filter /Adobe.PPKLite /Contents <00> >>"]
        ),
        "Sig",
    ),
    "hidden form fields and notes": (
        annotated([widget("/FT /Tx /T (v) /V (Kittiwake)").replace("/F 4", "/F 2")], TEXT),
        "Kittiwake",
    ),
    "passwords in form fields": (annotated([widget("/FT /Tx /Ff 8192 /T (p) /V (geheim)")], TEXT), "geheim"),
    "sounds and videos": (annotated([annotation("Movie", "/Movie << >>")], TEXT), "Movie"),
}


def page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body><p>Anchor</p>{body}</body></html>".encode()


SPANNED = "<table><tr><th colspan=2>Both</th></tr><tr><td>5</td><td>6</td></tr></table>"
MATH = "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></semantics></math>"
LAMP = "<svg><text>74 feet</text></svg>"

PAGES: dict[str, Sample] = {
    "text, headings, lists": (page("<h1>Tides</h1><ol><li>turn</li></ol>"), "Tides\n\n1. turn"),
    "tables and merged cells": (page(SPANNED), "| Both | Both |"),
    "alternative text of pictures": (page("<p>See <img alt='A pier'> here</p>"), "See (Picture: A pier) here"),
    "text in pictures": (page(f"<p><img src='{ENCODED}'></p>"), "Text in a picture: Fog signal"),
    "labels for screen readers (aria-label)": (page("<p><a aria-label='Fares' href='f'><i></i></a></p>"), "Fares"),
    "abbreviations": (page("<abbr title='Royal Harbour Office'>RHO</abbr>"), "RHO (Royal Harbour Office)"),
    "values of forms": (page("<p>Vessel: <input value='Kittiwake'></p>"), "Vessel: Kittiwake"),
    "collapsed details": (page("<details><summary>More</summary>Folded</details>"), "Folded"),
    "formulas (MathML)": (page(MATH), "$x^2$"),
    "inline pages (srcdoc), shadow roots": (
        page("<iframe srcdoc='<p>The tide'></iframe><div><template shadowrootmode=open><p>turns</template></div>"),
        "The tide\n\nturns",
    ),
    "text shown without JavaScript (noscript)": (page("<noscript>Fares: 5</noscript>"), "Fares: 5"),
    "title, author, date, keywords, language": (page("", "<meta name=author content='Ada Finch'>"), "Ada Finch"),
    "menus, page footers, notices about cookies": (page("<nav>Home</nav><footer>Imprint</footer>"), "Imprint"),
    "hidden elements": (page("<div style='display: none'>unseen</div>"), "unseen"),
    "link targets": (page("<a href='https://f.example'>fares</a>"), "f.example"),
    "tooltips (title)": (page("<p title='A hint'>words</p>"), "hint"),
    "scripts, styles, templates, comments": (
        page("<script>code</script><!-- remark --><template>t</template>"),
        "code",
    ),
    "buttons, hidden and empty fields, passwords": (
        page("<form><button>Send</button><input type=password value=geheim><input type=hidden value=geheim></form>"),
        "geheim",
    ),
    "pronunciation guides (ruby)": (page("<ruby>x<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>"), "kan"),
    "pictures": (page("<img src=IMG_1.png alt=IMG_1.png>"), "IMG"),
    "drawings (SVG) with text": (page(LAMP), "74 feet"),
    "embedded pages": (page("<iframe src=map.html></iframe>"), "map"),
    "sounds and videos": (page("<video src=a.mp4>no video here</video>"), "video"),
}


def chapter(body: str, extra: dict[str, str | bytes] | None = None) -> bytes:
    return book({"one": f"<p>Anchor</p>{body}"}, ["one"], extra)


PARTS = '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
FOOTNOTE = '<aside epub:type="footnote" hidden="hidden">A word on tides</aside>'


def listed(more: str, spine: str) -> bytes:
    """A book of one chapter, with another entry in its list."""
    package = f"<package><manifest>{PARTS}{more}</manifest><spine><itemref idref='one'/>{spine}</spine></package>"
    return chapter("", {"OPS/book.opf": package})


BOOKS: dict[str, Sample] = {
    "chapters": (chapter("<h1>Tides</h1>"), "Tides"),
    "footnotes and endnotes": (chapter(FOOTNOTE), "A word on tides"),
    "tables and merged cells": (chapter(SPANNED), "| Both | Both |"),
    "alternative text of pictures": (chapter("<p><img alt='A pier'/></p>"), "Picture: A pier"),
    "text in pictures": (
        chapter("<p><img src='../OPS/i.png'/></p>", {"OPS/i.png": SIGN}),
        "Text in a picture: Fog signal",
    ),
    "formulas (MathML)": (chapter(MATH), "$x^2$"),
    "title, author, date, language": (chapter(""), "A. Vane"),
    "table of contents": (
        listed(
            '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
            "<itemref idref='nav'/>",
        ),
        "Contents",
    ),
    "link targets": (chapter("<a href='https://f.example'>fares</a>"), "f.example"),
    "files outside the reading order": (listed("<item id='x' href='x.xhtml' media-type='text/html'/>", ""), "x.xhtml"),
    "pronunciation guides (ruby)": (chapter("<ruby>x<rt>kan</rt></ruby>"), "kan"),
    "pictures": (chapter("<img src='IMG_1.png' alt='IMG_1.png'/>"), "IMG"),
    "chapters in unsupported formats": (
        listed('<item id="p" href="p.svg" media-type="image/svg+xml"/>', "<itemref idref='p'/>"),
        "p.svg",
    ),
    "drawings (SVG) with text": (chapter(LAMP), "74 feet"),
    "embedded pages": (chapter("<iframe src='map.html'></iframe>"), "map"),
    "sounds and videos": (chapter("<audio src='a.mp3'>no sound here</audio>"), "sound"),
    "broken parts of the file": (
        listed('<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>', "<itemref idref='gone'/>"),
        "gone",
    ),
}

SPACES = f"{NAMES} xmlns:xlink='xlink' xmlns:svg='svg' xmlns:form='form' xmlns:dc='dc'"


def content(body: str, kind: str = "text", styles: str = "", parts: dict[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument file with styles of its own."""
    head = f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
    inside = f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    return odt("", kind, {"content.xml": head + inside, **(parts or {})})


def style(properties: str) -> str:
    return f'<style:style style:name="s">{properties}</style:style>'


def sheet(rows: str, look: str = "") -> str:
    return f'<table:table table:name="Tides" {look}>{rows}</table:table>'


def cells(*texts: str, more: str = "", look: str = "") -> str:
    found = "".join(f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>" for text in texts)
    return f"<table:table-row {look}>{found}</table:table-row>"


def framed(inside: str) -> str:
    return f"<text:p>Anchor<draw:frame>{inside}</draw:frame></text:p>"


def meta(inside: str) -> dict[str, str | bytes]:
    return {"meta.xml": f"<office:document-meta {SPACES}><office:meta>{inside}</office:meta></office:document-meta>"}


def master(inside: str) -> dict[str, str | bytes]:
    pages = f"<office:master-styles><style:master-page>{inside}</style:master-page></office:master-styles>"
    return {"styles.xml": f"<office:document-styles {SPACES}>{pages}</office:document-styles>"}


WORDS = "<text:p>Anchor</text:p>"
CHECK = (
    "<office:forms><form:form><form:checkbox form:id='c' form:label='Insured' "
    "form:current-state='checked'/></form:form></office:forms>"
)
SAID = "<office:annotation><dc:creator>Ada</dc:creator><text:p>why?</text:p></office:annotation>"
TIP = "<text:note><text:note-body><text:p>See the log.</text:p></text:note-body></text:note>"
VALUELESS = '<table:table-row><table:table-cell table:formula="of:=SUM([.A1])"/></table:table-row>'
OBJECT: dict[str, str | bytes] = {
    "Object 1/content.xml": f"<office:document-content {SPACES}><office:body><office:chart><table:table>"
    f"{cells('Leith', '5')}</table:table></office:chart></office:body></office:document-content>",
    "Object 2/content.xml": "<math><mi>x</mi></math>",
}
TURN = "<draw:page {}><draw:frame><draw:text-box><text:p>Anchor</text:p></draw:text-box></draw:frame>{}</draw:page>"
SPEECH = (
    "<presentation:notes><draw:frame><draw:text-box><text:p>Slowly.</text:p></draw:text-box></draw:frame>"
    "</presentation:notes>"
)
UNSEEN = style('<style:text-properties text:display="none"/>')

OPEN_DOCUMENTS: dict[str, Sample] = {
    "paragraphs, headings, lists": (content(WORDS), "Anchor"),
    "tables and merged cells": (
        content(
            "<table:table><table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>Both</text:p>"
            f"</table:table-cell><table:covered-table-cell/></table:table-row>{cells('5', '6')}</table:table>"
        ),
        "| Both | Both |",
    ),
    "sheets and their names": (content(sheet(cells("Anchor")), "spreadsheet"), "Tides\n\nAnchor"),
    "slides and their notes": (content(TURN.format("", SPEECH), "presentation"), "Notes: Slowly."),
    "footnotes and endnotes": (content(f"<text:p>Anchor{TIP}</text:p>"), "Note: See the log."),
    "comments": (content(f"<text:p>Anchor{SAID}</text:p>"), "Comment by Ada: why?"),
    "text boxes": (content(framed("<draw:text-box><text:p>Boxed</text:p></draw:text-box>")), "Anchor\n\nBoxed"),
    "headers and footers": (
        content(WORDS, parts=master("<style:footer><text:p>Harbour trust</text:p></style:footer>")),
        "Anchor\n\nFooter: Harbour trust",
    ),
    "form fields": (content(f"{CHECK}<text:p>Is it? <draw:control draw:control='c'/></text:p>"), "Is it? [x] Insured"),
    "link targets": (
        content("<text:p><text:a xlink:href='https://f.example'>fares</text:a></text:p>"),
        "fares (https://f.example)",
    ),
    "equations": (content(framed("<draw:object xlink:href='./Object 2'/>"), parts=OBJECT), "$x$"),
    "charts": (content(framed("<draw:object xlink:href='./Object 1'/>"), parts=OBJECT), "| Leith | 5 |"),
    "alternative text of pictures": (content(framed("<draw:image/><svg:desc>A pier</svg:desc>")), "Picture: A pier"),
    "text in pictures": (
        content(framed('<draw:image xlink:href="Pictures/i.png"/>'), parts={"Pictures/i.png": SIGN}),
        "Text in a picture: Fog signal",
    ),
    "tracked insertions": (content("<text:p><text:change-start/>put in<text:change-end/></text:p>"), "put in"),
    "title, author, subject, keywords, date": (
        content(WORDS, parts=meta("<dc:creator>Ada Finch</dc:creator>")),
        "Ada Finch",
    ),
    "tracked deletions": (content(f"<text:tracked-changes><text:p>out</text:p></text:tracked-changes>{WORDS}"), "out"),
    "page numbers, dates of slides": (
        content(
            WORDS,
            parts=master("<style:footer><text:p>Page <text:page-number>3</text:page-number></text:p></style:footer>"),
        ),
        "Page",
    ),
    "pronunciation guides (ruby)": (
        content(
            "<text:p>Anchor<text:ruby><text:ruby-base>x</text:ruby-base><text:ruby-text>kan</text:ruby-text></text:ruby></text:p>"
        ),
        "kan",
    ),
    "pictures": (content(framed("<draw:image/><svg:title>IMG_1.png</svg:title>")), "IMG"),
    "formulas without a cached value": (content(sheet(cells("5") + VALUELESS), "spreadsheet"), "=SUM([.A1])"),
    "hidden sheets": (
        content(
            sheet(cells("Anchor"), "table:style-name='s'"),
            "spreadsheet",
            style('<style:table-properties table:display="false"/>'),
        ),
        "Anchor",
    ),
    "hidden rows and columns": (
        content(sheet(cells("Anchor", look="table:visibility='collapse'")), "spreadsheet"),
        "Anchor",
    ),
    "hidden slides": (
        content(
            TURN.format("draw:style-name='s'", ""),
            "presentation",
            style('<style:drawing-page-properties presentation:visibility="hidden"/>'),
        ),
        "Anchor",
    ),
    "hidden text": (
        content("<text:p>Seen <text:span text:style-name='s'>unseen</text:span></text:p>", styles=UNSEEN),
        "unseen",
    ),
    "sounds and videos": (content(framed("<draw:plugin xlink:href='a.mp4'/>")), "a.mp4"),
    "embedded files": (content(framed("<draw:object-ole xlink:href='./Object 3'/>")), "Object"),
    "broken parts of the file": (content(WORDS, parts={"styles.xml": "no XML"}), "no XML"),
}

"""PDFs for tests: by fpdf2 where it can, by hand where the file has to be odd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpdf import FPDF

PROSE = (
    "The harbour lies on the south side of the island in a bight between two heads. It is entered by a fairway of "
    "nineteen fathoms, and the holding is good in all winds but those from the east. Masters who come by night should "
    "wait for the pilot, who shows a flare from the end of the quay. The danger of the place is a reef of seven rocks, "
    "which covers at half tide and has no mark upon it. Vessels drawing more than thirteen feet lie outside the bar "
    "until the flood has made, and pay nothing for waiting. Coal is to be had at the weigh house, water at the steps, "
    "and provisions in the town. The surgeon is sent for by hoisting a yellow flag at the fore. Letters are carried on "
    "three days of the week when the ferry sails, and on the others they wait with everybody else. "
)


class Made(FPDF):
    """A4 in points, Helvetica, without margins of its own."""

    def __init__(self) -> None:
        super().__init__(unit="pt", format="A4")
        self.set_auto_page_break(False)
        self.set_margins(72, 72, 72)
        self.add_page()
        self.set_font("Helvetica", size=10)

    def put(self, x: float, y: float, text: str, size: float = 10, style: str = "") -> None:
        """One line that stands at y points from the top."""
        self.set_font("Helvetica", style=style, size=size)
        self.text(x, y, text)

    def column(self, x: float, y: float, width: float, text: str, size: float = 10, leading: float = 12) -> float:
        """Text in lines of at most `width`, from y downward; where the next line would stand."""
        self.set_font("Helvetica", size=size)
        self.set_xy(x, y)
        for line in self.multi_cell(width, text=text, dry_run=True, output="LINES", align="L"):
            self.text(x, y, line)
            y += leading
        return y

    def data(self) -> bytes:
        return bytes(self.output())


def raw_pdf(content: str | bytes, page: str = "", unicodes: Sequence[int] = (), base: str = "Helvetica") -> bytes:
    """One page of letter size with these drawing operators. `unicodes`: what the codes from 33 on stand for."""
    content = content.encode("latin-1") if isinstance(content, str) else content
    font = f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 5 0 R >> >> "
        f"/Contents 4 0 R {page} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        (font + (" /ToUnicode 6 0 R >>" if unicodes else " >>")).encode(),
    ]
    if unicodes:
        objects.append(_cmap(unicodes))
    return _file(objects)


def annotated(
    annotations: Sequence[str],
    content: str = "",
    more: Sequence[str | bytes] = (),
    page: str = "",
    catalog: str = "",
    fields: Sequence[int] | None = None,
) -> bytes:
    """A page of letter size with these annotations, which are the objects from 6 on; `more` objects follow.

    `fields` are the objects that the form lists; without it, all annotations that are fields.
    """
    numbers = range(6, 6 + len(annotations))
    listed = [n for n, one in zip(numbers, annotations, strict=True) if "/FT" in one] if fields is None else fields
    form = f"/AcroForm << /Fields [{_references(listed)}] /DR << /Font << /F 5 0 R >> >> /DA (/F 12 Tf 0 g) >>"
    objects: list[bytes] = [
        f"<< /Type /Catalog /Pages 2 0 R {form if listed else ''} {catalog} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F 5 0 R >> >> "
        f"/Contents 4 0 R /Annots [{_references(numbers)}] {page} >>".encode(),
        stream(content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *(one.encode("latin-1") for one in annotations),
        *(one.encode("latin-1") if isinstance(one, str) else one for one in more),
    ]
    return _file(objects)


def stream(content: str | bytes, more: str = "") -> bytes:
    """An object with content of its own."""
    data = content.encode("latin-1") if isinstance(content, str) else content
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (more.encode(), len(data), data)


def lines(*texts: str, y: int = 720, step: int = 40) -> str:
    """Drawing operators for lines of text from the top of a page downward."""
    moves = (f"{'72 ' + str(y) if not at else '0 -' + str(step)} Td ({text}) Tj" for at, text in enumerate(texts))
    return f"BT /F 12 Tf {' '.join(moves)} ET"


def _references(numbers: Iterable[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _cmap(unicodes: Sequence[int]) -> bytes:
    pairs = "\n".join(
        f"<{code:02x}> <{chr(value).encode('utf-16-be').hex()}>" for code, value in enumerate(unicodes, 33)
    )
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(unicodes)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    ).encode()
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap)


def _file(objects: Sequence[bytes]) -> bytes:
    written, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(written))
    return written + head + table + tail

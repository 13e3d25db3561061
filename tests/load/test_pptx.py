from __future__ import annotations

import io
import zipfile

import pytest
from packing import R, office, packed
from reading import read, refusal, where

from ragtree.settings import LoadSettings

P = (
    f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {R} '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


def body(*paragraphs: str) -> str:
    rows = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in paragraphs)
    return f"<p:txBody>{rows}</p:txBody>"


def shape(*paragraphs: str, kind: str = "") -> str:
    placeholder = f'<p:ph type="{kind}"/>' if kind else ""
    return f"<p:sp><p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>{body(*paragraphs)}</p:sp>"


def slide(*shapes: str, kind: str = "sld") -> str:
    return f"<p:{kind} {P}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:{kind}>"


def frame(inside: str) -> str:
    return f"<p:graphicFrame><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"


def presentation(slides: list[str], parts: dict[str, str | bytes] | None = None, **related: str) -> bytes:
    """`related`: other parts of the first slide, by the kind of their relation."""
    listed = "".join(f'<p:sldId id="{256 + at}" r:id="rId{at}"/>' for at in range(len(slides)))
    files: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {P}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        **{f"ppt/slides/slide{at}.xml": text for at, text in enumerate(slides)},
        **{f"ppt/slides/{kind}.xml": text for kind, text in related.items()},
    }
    relations = {
        "ppt/presentation.xml": {f"rId{at}": ("slide", f"slides/slide{at}.xml") for at in range(len(slides))},
        "ppt/slides/slide0.xml": {kind: (kind, f"{kind}.xml") for kind in related},
    }
    return office("ppt/presentation.xml", files | (parts or {}), relations)


def test_slides_are_pages_under_their_titles() -> None:
    slides = [
        slide(shape("Left of it"), shape("Tides", kind="title"), shape("turn", "twice")),
        slide(shape("no title here")),
        slide(shape("Ferries", kind="ctrTitle"), "<p:grpSp>" + shape("in a group") + "</p:grpSp>"),
    ]
    document = read(presentation(slides), "a.pptx")
    assert document.text == "Tides\n\nLeft of it\nturn\ntwice\n\nno title here\n\nFerries\n\nin a group"
    assert document.title == "Tides"
    places = [where(document, quote) for quote in ("twice", "no title", "in a group")]
    assert [(place.page, place.heading) for place in places] == [(1, ("Tides",)), (2, ()), (3, ("Ferries",))]


def test_slides_stand_in_the_order_in_which_they_are_shown() -> None:
    data = presentation([slide(shape("made first")), slide(shape("shown first"))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    listed = parts["ppt/presentation.xml"]
    assert isinstance(listed, bytes)
    parts["ppt/presentation.xml"] = listed.replace(b"rId0", b"rId9").replace(b"rId1", b"rId0").replace(b"rId9", b"rId1")
    assert read(packed(parts), "a.pptx").text == "shown first\n\nmade first"


def test_the_furniture_of_a_slide_is_left_out() -> None:
    furniture = [shape("7", kind="sldNum"), shape("3 April", kind="dt"), shape("Harbour office", kind="ftr")]
    assert read(presentation([slide(*furniture, shape("words"))]), "a.pptx").text == "words"


def test_tables_are_markdown_and_merged_cells_stand_in_all_that_they_cover() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}>{body(text)}</a:tc>"

    rows = [
        cell("Port", 'rowSpan="2"') + cell("Tide", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        cell("", 'vMerge="1"') + cell("am") + cell("pm"),
    ]
    table = "<a:tbl>" + "".join(f"<a:tr>{row}</a:tr>" for row in rows) + "</a:tbl>"
    text = read(presentation([slide(frame(table))]), "a.pptx").text
    assert text == "| Port | Tide | Tide |\n| --- | --- | --- |\n| Port | am | pm |"


def test_notes_are_read_with_their_slide() -> None:
    notes = slide(shape("1", kind="sldNum"), shape("Speak slowly.", kind="body"), kind="notes")
    document = read(presentation([slide(shape("words"))], notesSlide=notes), "a.pptx")
    assert document.text == "words\n\nNotes: Speak slowly."
    assert where(document, "slowly").page == 1


def test_charts_are_tables_of_their_values() -> None:
    def points(*values: str) -> str:
        return "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))

    series = (
        f"<c:ser><c:tx><c:strCache>{points('Coal')}</c:strCache></c:tx><c:cat>{points('1921', '1922')}</c:cat>"
        f"<c:val>{points('4.4000000000000004', '5')}</c:val></c:ser>"
    )
    chart = (
        '<c:chartSpace xmlns:c="c" xmlns:a="a"><c:chart><c:title><a:t>Tons</a:t></c:title><c:plotArea><c:barChart>'
        f"{series}</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    drawn = frame('<c:chart xmlns:c="c" r:id="chart"/>')
    text = read(presentation([slide(drawn)], chart=chart), "a.pptx").text
    assert text == "Tons\n\n|  | Coal |\n| --- | --- |\n| 1921 | 4.4 |\n| 1922 | 5 |"


def test_diagrams_give_their_words() -> None:
    data = (
        '<d:dataModel xmlns:d="d" xmlns:a="a"><d:ptLst><d:pt><d:t><a:p><a:r><a:t>Ask</a:t></a:r></a:p></d:t></d:pt>'
        "<d:pt><d:t><a:p><a:r><a:t>Answer</a:t></a:r></a:p></d:t></d:pt></d:ptLst></d:dataModel>"
    )
    drawn = frame('<d:relIds xmlns:d="d" r:dm="diagramData"/>')
    assert read(presentation([slide(drawn)], diagramData=data), "a.pptx").text == "Ask\nAnswer"


def test_more_slides_than_the_limit_are_refused() -> None:
    data = presentation([slide(shape("words"))] * 3)
    assert refusal(data, "a.pptx", LoadSettings(max_pages=2)) == "3 slides, more than load.max_pages = 2"
    assert read(data, "a.pptx", LoadSettings(max_pages=3)).text.count("words") == 3


@pytest.mark.parametrize("data", [b"words", packed({"a.txt": "words"})])
def test_what_is_no_presentation_is_named(data: bytes) -> None:
    assert "broken" in refusal(data, "a.pptx")


def test_the_pictures_of_a_group_and_links_of_shapes_are_read() -> None:
    about = '<p:nvGrpSpPr><p:cNvPr id="1" descr="The harbour"/></p:nvGrpSpPr>'
    click = '<p:nvSpPr><p:cNvPr id="2"><a:hlinkClick r:id="h"/></p:cNvPr></p:nvSpPr>'
    group = f"<p:grpSp>{about}<p:sp>{click}{body('Book now')}</p:sp></p:grpSp>"
    files: dict[str, str | bytes] = {
        "ppt/presentation.xml": f'<p:presentation {P}><p:sldIdLst><p:sldId r:id="s"/></p:sldIdLst></p:presentation>',
        "ppt/slide.xml": slide(group),
    }
    relations = {
        "ppt/presentation.xml": {"s": ("slide", "slide.xml")},
        "ppt/slide.xml": {"h": ("hyperlink", "https://f.example")},
    }
    text = read(office("ppt/presentation.xml", files, relations), "a.pptx").text
    assert text == "Picture: The harbour\n\nBook now\n\nLink: https://f.example"

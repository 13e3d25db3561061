"""What hangs on the text of a Word file, beside the rows of docs/formats.md: where it stands, and what goes wrong."""

from __future__ import annotations

import pytest
from contents_office import (
    BOX,
    CHART,
    COMMENT,
    INNER,
    NOISE,
    OBJECT,
    control,
    field,
    inline,
    paragraph,
    part,
    related,
    run,
)
from packing import word
from reading import read, where

CHOICE = (
    '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Oban"/><w:listEntry w:val="Leith"/>'
    "</w:ddList></w:ffData>"
)
LINK = f'<w:hyperlink r:id="h">{run("fares")}</w:hyperlink>'


def text(*inside: str) -> str:
    return read(word(paragraph(*inside)), "a.docx").text


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        (field('HYPERLINK "https://f.example"', "fares"), "fares (https://f.example)"),
        (field('HYPERLINK "https://www.f.example/"', "f.example"), "f.example"),
        (field('HYPERLINK \\l "_Toc1"', "Contents"), "Contents"),
        (
            f"<w:fldSimple w:instr=' HYPERLINK \"mailto:a@f.example\" '>{run('us')}</w:fldSimple>",
            "us (a@f.example)",
        ),
        (field("FORMCHECKBOX", "", BOX.replace("<w:default/>", '<w:default w:val="0"/>')), "[ ]"),
        (field("FORMCHECKBOX", "", BOX.replace("<w:default/>", '<w:default/><w:checked w:val="0"/>')), "[ ]"),
        (field("FORMTEXT", "Kittiwake", "<w:ffData/>"), "Kittiwake"),
        (
            field(
                "FORMDROPDOWN",
                "",
                CHOICE,
            ),
            "Leith",
        ),
        (control('<w14:checkbox xmlns:w14="w14"><w14:checked w14:val="0"/></w14:checkbox>', "☐"), "[ ]"),
        (control("<w:dropDownList/>", "Leith"), "Leith"),
        ('<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>', "α"),
        ('<w:r><w:sym w:font="Times" w:char="00E9"/></w:r>', "é"),
    ],
)
def test_a_field_shows_what_a_reader_sees(inside: str, shown: str) -> None:
    assert text(run("It is "), inside) == f"It is {shown}"


def test_a_link_in_a_footnote_leads_where_the_footnote_says() -> None:
    foot = part("footnotes", f'<w:footnote w:id="2">{paragraph(LINK)}</w:footnote>')
    data = word(
        paragraph(run("Anchor"), '<w:r><w:footnoteReference w:id="2"/></w:r>'),
        {
            "word/_rels/footnotes.xml.rels": '<Relationships xmlns="r"><Relationship Id="h" Type="x/hyperlink" '
            'Target="https://foot.example" TargetMode="External"/></Relationships>'
        },
        {"h": ("hyperlink", "https://body.example")},
        footnotes=foot,
    )
    assert read(data, "a.docx").text == "Anchor\n\nNote: fares (https://foot.example)"


def test_a_comment_stands_after_its_paragraph_and_not_at_the_end() -> None:
    said = '<w:r><w:commentReference w:id="1"/></w:r>'
    data = word(paragraph(run("One"), said) + paragraph(run("Two")), comments=COMMENT)
    assert read(data, "a.docx").text == "One\n\nComment by Ada: why?\n\nTwo"


def test_each_header_is_read_once_and_below_no_heading() -> None:
    head = part("hdr", paragraph(run("Harbour trust")) * 2)
    parts: dict[str, str | bytes] = {"word/second.xml": head}
    heading = '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Fares</w:t></w:r></w:p>'
    document = read(word(heading, parts, {"x": ("header", "second.xml")}, header=head), "a.docx")
    assert document.text == "Fares\n\nHeader: Harbour trust"
    assert where(document, "trust").heading == ()
    assert document.title == "Fares"


def test_the_name_of_a_file_is_no_alternative_text() -> None:
    assert text(run("Anchor"), inline("", 'descr="C:\\Pictures\\pier.png"')) == "Anchor"
    shape = '<w:r><w:pict><v:shape xmlns:v="v" alt="A pier at dusk"/></w:pict></w:r>'
    assert text(run("Anchor"), shape) == "Anchor\n\nPicture: A pier at dusk"


def test_an_embedded_file_stands_where_it_is_and_below_its_heading() -> None:
    heading = '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Fares</w:t></w:r></w:p>'
    body = heading + paragraph(run("Before"), OBJECT) + paragraph(run("After"))
    document = read(related(body, "e", "package", "i.docx", INNER), "a.docx")
    assert document.text == "Fares\n\nBefore\n\nWords within\n\nAfter"
    assert where(document, "within").heading == ("Fares",)


def test_a_file_in_a_file_in_a_file_is_told_and_not_read() -> None:
    middle = related(paragraph(run("Middle"), OBJECT), "e", "package", "i.docx", INNER)
    document = read(related(paragraph(run("Outer"), OBJECT), "e", "package", "m.docx", middle), "a.docx")
    assert document.text == "Outer\n\nMiddle"
    assert document.notices == ("in m.docx: embedded files: 1, not read (i.docx)",)


@pytest.mark.parametrize("data", [NOISE, b"", b"PK\x03\x04 broken", b"\x00\x01\x02"])
def test_an_embedded_file_that_cannot_be_read_costs_only_itself(data: bytes) -> None:
    document = read(related(paragraph(run("Anchor"), OBJECT), "e", "oleObject", "o.bin", data), "a.docx")
    assert document.text == "Anchor"
    assert document.notices == ("embedded files: 1, not read (o.bin)",)


@pytest.mark.parametrize("kind", ["comments", "footnotes", "numbering", "styles", "header"])
def test_a_broken_part_costs_only_itself(kind: str) -> None:
    document = read(word(paragraph(run("Anchor")), None, None, **{kind: "\x00 no XML"}), "a.docx")
    assert document.text == "Anchor"
    assert document.notices == (f"broken parts of the file: 1, not read (word/{kind}.xml)",)


def test_what_stands_there_for_newer_and_for_older_programs_is_read_once() -> None:
    once = paragraph(run("Once"))
    both = f"<mc:Choice>{once}</mc:Choice><mc:Fallback>{once}</mc:Fallback>"
    data = word(f"{paragraph()}<mc:AlternateContent xmlns:mc='mc'>{both}</mc:AlternateContent>")
    assert read(data, "a.docx").text.count("Once") == 1


def test_a_picture_of_a_group_and_its_link_are_read() -> None:
    group = '<a:cNvPr descr="A lamp"/><a:cNvPr descr="A pier at dusk"/>'
    about = 'descr="A pier at dusk"><a:hlinkClick xmlns:a="a" r:id="h"/></wp:docPr><wp:x'
    data = word(paragraph(run("Anchor"), inline(group, about)), None, {"h": ("hyperlink", "https://f.example")})
    assert read(data, "a.docx").text.split("\n\n") == [
        "Anchor",
        "Picture: A pier at dusk",
        "Picture: A lamp",
        "Link: https://f.example",
    ]


def test_a_page_that_word_keeps_as_mail_is_read_as_a_page() -> None:
    page = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    page += b"--x\r\nContent-Type: text/html\r\n\r\n<html><p>Words of a page</p></html>\r\n--x--\r\n"
    document = read(related('<w:altChunk r:id="a"/>', "a", "aFChunk", "a.mht", page), "a.docx")
    assert document.text == "Words of a page"


def test_a_chart_of_a_newer_kind_and_the_titles_of_axes_are_read() -> None:
    newer = (
        "<x:chartSpace xmlns:x='x' xmlns:a='a'><x:chartData><x:data><x:strDim><x:lvl><x:pt>Leith</x:pt>"
        "<x:pt>Oban</x:pt>"
        "</x:lvl></x:strDim><x:numDim><x:lvl name='Tide'><x:pt>5.1</x:pt><x:pt>4</x:pt></x:lvl></x:numDim></x:data>"
        "</x:chartData><x:chart><x:title><a:t>Tides</a:t></x:title></x:chart></x:chartSpace>"
    )
    data = related(paragraph(inline('<c:chart r:id="c"/>')), "c", "chartEx", "c.xml", newer)
    assert read(data, "a.docx").text == "Tides\n\n|  | Tide |\n| --- | --- |\n| Leith | 5.1 |\n| Oban | 4 |"
    axis = CHART.replace("</c:barChart>", "</c:barChart><c:valAx><c:title><a:t>Feet</a:t></c:title></c:valAx>")
    data = related(paragraph(inline('<c:chart r:id="c"/>')), "c", "chart", "c.xml", axis)
    assert read(data, "a.docx").text.startswith("Tides; Feet\n\n")

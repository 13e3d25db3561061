"""Forms, comments and links of PDFs: what a viewer shows over the text of a page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_making import PROSE, Made, annotated, lines, stream
from reading import read, where

FORM = lines("Application for a mooring", "Vessel:", "Insured", "Remarks:")
DRAWN = stream("", "/Type /XObject /Subtype /Form /BBox [0 0 10 10]")
_TOP = {"vessel": 676, "insured": 636, "remarks": 596}


def widget(more: str, at: str = "vessel", left: int = 200, width: int = 200, height: int = 18) -> str:
    bottom = _TOP[at] - (height - 18)
    rectangle = f"/Rect [{left} {bottom} {left + width} {bottom + height}]"
    return f"<< /Type /Annot /Subtype /Widget /F 4 {rectangle} /P 3 0 R {more} >>"


def line_of(text: str, words: str) -> str:
    """The line of the text that has the words."""
    return next(line for line in text.splitlines() if words in line)


@pytest.mark.parametrize("look", ["", "/AP << /N 7 0 R >>"], ids=["without an appearance", "with one"])
def test_a_value_stands_beside_its_label(look: str) -> None:
    document = read(annotated([widget(f"/FT /Tx /T (v) /V (Kittiwake) {look}")], FORM, [DRAWN]), "a.pdf")
    assert document.text.splitlines() == ["Application for a mooring", "Vessel: Kittiwake", "Insured", "Remarks:"]
    assert where(document, "Kittiwake").page == 1


def test_a_value_is_inherited_from_the_field_above() -> None:
    parent = "<< /FT /Tx /T (boat) /V (Kittiwake) /Kids [6 0 R] >>"
    data = annotated([widget("/Parent 7 0 R")], FORM, [parent], fields=[7])
    assert line_of(read(data, "a.pdf").text, "Vessel:") == "Vessel: Kittiwake"


def test_fields_with_nested_names_have_their_own_values() -> None:
    group = "<< /T (boat) /Kids [6 0 R 7 0 R] >>"
    kids = [
        widget("/Parent 8 0 R /FT /Tx /T (name) /V (Kittiwake)"),
        widget("/Parent 8 0 R /FT /Tx /T (x) /V (tar)", "remarks"),
    ]
    text = read(annotated(kids, FORM, [group], fields=[8]), "a.pdf").text
    assert (line_of(text, "Vessel:"), line_of(text, "Remarks:")) == ("Vessel: Kittiwake", "Remarks: tar")


def test_a_field_that_the_form_does_not_list_is_read() -> None:
    data = annotated([widget("/FT /Tx /T (v) /V (Kittiwake)")], FORM, fields=[])
    assert line_of(read(data, "a.pdf").text, "Vessel:") == "Vessel: Kittiwake"


def test_boxes_say_which_of_them_are_ticked() -> None:
    looks = "/AP << /N << /Yes 9 0 R /Off 9 0 R >> >>"
    boxes = [
        widget(f"/FT /Btn /T (a) /V /Yes /AS /Yes {looks}", "insured", 200, 18),
        widget(f"/FT /Btn /T (b) /V /Off /AS /Off {looks}", "insured", 240, 18),
        widget(f"/FT /Btn /T (c) {looks}", "insured", 280, 18),
    ]
    assert line_of(read(annotated(boxes, FORM, [DRAWN]), "a.pdf").text, "Insured") == "Insured [x] [ ] [ ]"


def test_of_radio_buttons_one_is_chosen() -> None:
    group = "<< /FT /Btn /Ff 32768 /T (r) /V /b /Kids [6 0 R 7 0 R] >>"
    buttons = [
        widget(f"/Parent 8 0 R /AS /{state} /AP << /N << /{name} 9 0 R /Off 9 0 R >> >>", "insured", left, 18)
        for name, state, left in (("a", "Off", 200), ("b", "b", 240))
    ]
    text = read(annotated(buttons, FORM, [group, DRAWN], fields=[8]), "a.pdf").text
    assert line_of(text, "Insured") == "Insured [ ] [x]"


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("/Ff 131072 /Opt [(Leith) (Oban)] /V (Oban)", "Oban"),
        ("/Ff 131072 /Opt [[(l) (Leith)] [(o) (Oban)]] /V (o)", "Oban"),
        ("/Ff 393216 /Opt [(Leith)] /V (Tobermory)", "Tobermory"),
        ("/Ff 2097152 /Opt [(Red) (Blue) (Tan)] /V [(Red) (Tan)]", "Red, Tan"),
    ],
    ids=["a choice", "by its label", "typed in", "several"],
)
def test_a_choice_shows_what_was_chosen(field: str, shown: str) -> None:
    text = read(annotated([widget(f"/FT /Ch /T (c) {field}")], FORM), "a.pdf").text
    assert line_of(text, "Vessel:") == f"Vessel: {shown}"


def test_a_long_remark_keeps_its_lines_and_its_order() -> None:
    remark = "First line\\nThe second line is far too long to fit into a field of two hundred points"
    data = annotated([widget(f"/FT /Tx /Ff 4096 /T (r) /V ({remark})", "remarks", height=90)], FORM)
    text = read(data, "a.pdf").text
    assert "Remarks: First line" in text
    assert "The second line is far too long to fit into a field" in " ".join(text.split())


def test_a_form_on_a_turned_page_is_read_and_one_off_the_page_is_not() -> None:
    data = annotated([widget("/FT /Tx /T (v) /V (Kittiwake)").replace("[200 676 400 694]", "[-82 200 -64 400]")], FORM)
    assert "Kittiwake" not in read(data, "a.pdf").text  # off the page, where nobody sees it
    placed = widget("/FT /Tx /T (v) /V (Kittiwake)").replace("[200 676 400 694]", "[70 200 100 400]")
    content = "BT /F 12 Tf 0 1 -1 0 90 72 Tm (Vessel:) Tj ET"
    assert read(annotated([placed], content, page="/Rotate 90"), "a.pdf").text == "Vessel: Kittiwake"


def test_a_form_without_any_text_is_read() -> None:
    assert read(annotated([widget("/FT /Tx /T (v) /V (Kittiwake)")]), "a.pdf").text == "Kittiwake"


def test_values_in_a_drawn_table_are_cells_of_it() -> None:
    grid = " ".join(f"72 {y} m 400 {y} l S" for y in (690, 670, 650, 630)) + " ".join(
        f" {x} 630 m {x} 690 l S" for x in (72, 190, 400)
    )
    content = grid + " BT /F 10 Tf 80 676 Td (Vessel) Tj 0 -20 Td (Length) Tj 0 -20 Td (Berth) Tj ET"
    fields = [
        f"<< /Type /Annot /Subtype /Widget /F 4 /Rect [195 {y} 395 {y + 16}] /FT /Tx /T ({value}) /V ({value}) >>"
        for y, value in ((672, "Kittiwake"), (652, "11.4"), (632, "14"))
    ]
    text = read(annotated(fields, content), "a.pdf").text
    assert [line for line in text.splitlines() if "---" not in line] == [
        "| Vessel | Kittiwake |",
        "| Length | 11.4 |",
        "| Berth | 14 |",
    ]


def note(kind: str, more: str) -> str:
    return f"<< /Type /Annot /Subtype /{kind} /F 4 /Rect [72 676 120 692] {more} >>"


def test_a_highlight_names_the_words_that_it_is_about() -> None:
    marked = note("Highlight", "/QuadPoints [72 692 120 692 72 676 120 676] /T (Ada) /Contents (which one?)")
    document = read(
        annotated([marked, note("Underline", "/QuadPoints [72 692 120 692 72 676 120 676]")], FORM), "a.pdf"
    )
    assert document.text.endswith("\n\nComment by Ada on “Vessel:”: which one?")
    assert document.text.count("Vessel:") == 2  # a mark without a word adds nothing
    assert document.blocks[-1].kind == "comment"


def test_replies_stand_below_what_they_reply_to() -> None:
    notes = [
        note("Text", "/T (Ada) /Contents (why?)"),
        note("Text", "/T (Bo) /Contents (why not) /IRT 6 0 R"),
        note("Popup", "/Parent 6 0 R /Contents (why?)"),
    ]
    assert read(annotated(notes, FORM), "a.pdf").text.endswith("Comment by Ada: why?\n\nComment by Bo: why not")


def test_a_comment_does_not_part_a_sentence_that_runs_over_the_page() -> None:
    made = Made()
    made.column(72, 700, 450, PROSE[:600] + PROSE[:100])
    made.text_annotation(100, 300, "a remark")
    made.add_page()
    made.column(72, 72, 450, PROSE[100:400])
    text = " ".join(read(made.data(), "a.pdf").text.split())
    assert PROSE[100:400].strip() in text
    assert "Comment: a remark" in text


def link(target: str, left: int = 72, bottom: int = 676, right: int = 120) -> str:
    action = f"/A << /S /URI /URI ({target}) >>"
    return f"<< /Type /Annot /Subtype /Link /Rect [{left} {bottom} {right} {bottom + 16}] {action} >>"


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("our fares", "https://f.example/a?b=1", "our fares (https://f.example/a?b=1)"),
        ("write to us", "mailto:ada%40f.example?subject=Fares", "write to us (ada@f.example)"),
        ("www.f.example", "http://www.f.example/", "www.f.example"),
        ("ada@f.example", "mailto:ada@f.example", "ada@f.example"),
        ("our fares", "", "our fares"),
    ],
)
def test_a_link_says_where_it_leads_unless_its_text_does(text: str, target: str, shown: str) -> None:
    assert read(annotated([link(target, right=300)], lines(text, y=680)), "a.pdf").text == shown


def test_a_link_over_two_lines_is_told_once() -> None:
    both = [link("https://f.example/all", right=300), link("https://f.example/all", bottom=636, right=300)]
    text = read(annotated(both, lines("Tides", "all of our", "fares and dues")), "a.pdf").text
    assert text.count("f.example") == 1
    assert text.endswith("fares and dues (https://f.example/all)")


def test_an_address_that_runs_over_two_lines_is_not_said_twice() -> None:
    both = [
        link("https://f.example/fares-and-dues", right=300),
        link("https://f.example/fares-and-dues", bottom=636, right=300),
    ]
    text = read(annotated(both, lines("Tides", "https://f.example/fares-", "and-dues")), "a.pdf").text
    assert "(" not in text


@given(
    st.lists(
        st.sampled_from(["/FT /Tx /V (a)", "/FT /Ch /V (b)", "/FT /Btn /AS /Yes", "/FT /Sig", "/FT /Odd /V 7"]),
        max_size=4,
    ),
    st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_no_field_however_odd_costs_the_page(kinds: list[str], box: list[int]) -> None:
    fields = [f"<< /Type /Annot /Subtype /Widget /Rect [{' '.join(map(str, box))}] {kind} >>" for kind in kinds]
    assert "Application for a mooring" in read(annotated(fields, FORM), "a.pdf").text


@pytest.mark.parametrize(
    "box",
    ["73 721 73 0", "73 721 80 730", "90 0 90 800", "110 715 112 735", "73 721 337 0", "130 715 134 735"],
)
def test_a_value_that_lies_on_a_word_is_no_part_of_it(box: str) -> None:
    field = f"<< /Type /Annot /Subtype /Widget /Rect [{box}] /FT /Tx /T (berth) /V (seven) >>"
    text = read(annotated([field], FORM), "a.pdf").text
    assert text.splitlines() == ["Application for a mooring seven", "Vessel:", "Insured", "Remarks:"]


def test_a_link_without_text_is_told_below_the_page() -> None:
    text = read(annotated([link("https://f.example", left=400, right=500)], FORM), "a.pdf").text
    assert text.endswith("\n\nLink: https://f.example")


def test_a_file_that_is_pinned_to_the_page_is_told_by_its_name() -> None:
    pinned = note("FileAttachment", "/Contents (tables) /FS 7 0 R")
    file = "<< /Type /Filespec /F (tides.csv) /UF (tides.csv) /EF << /F 8 0 R >> >>"
    document = read(annotated([pinned], FORM, [file, stream("a,b")]), "a.pdf")
    assert document.notices == ("attached files: 1, not read (tides.csv)",)
    assert "tables" not in document.text


def test_a_state_that_somebody_named_is_said_unless_the_page_says_it() -> None:
    def ticked(name: str) -> str:
        looks = f"/AP << /N << /{name} 7 0 R /Off 7 0 R >> >>"
        field = widget(f"/FT /Btn /T (pay) /V /{name} /AS /{name} {looks}", "insured", 200, 18)
        return line_of(read(annotated([field], FORM, [DRAWN]), "a.pdf").text, "Insured")

    assert [ticked(name) for name in ("Monthly", "Yes", "1", "Vessel")] == [
        "Insured [x] Monthly",
        "Insured [x]",
        "Insured [x]",
        "Insured [x]",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/T (f1_02) /TU (Name of vessel)", "Name of vessel: Kittiwake"),
        ("/T (home_port)", "home port: Kittiwake"),
        ("/T (f1_02)", "Kittiwake"),
    ],
)
def test_on_a_page_without_words_a_field_is_called_by_its_name(name: str, shown: str) -> None:
    assert read(annotated([widget(f"/FT /Tx {name} /V (Kittiwake)")]), "a.pdf").text == shown

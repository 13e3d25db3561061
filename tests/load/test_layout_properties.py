"""What holds for any page: no word is lost or made up, blocks cover the text, boxes lie on the page."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_making import Made, raw_pdf
from reading import read
from word_measures import words

from ragtree.errors import LoadError

WORD = st.text("abcdefghij", min_size=1, max_size=8)
LINE = st.tuples(
    st.integers(0, 400), st.integers(1, 60), st.sampled_from([7, 10, 16]), st.lists(WORD, min_size=1, max_size=6)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=25, unique_by=lambda line: line[1]))
def test_every_word_is_read_once(lines: list[tuple[int, int, int, list[str]]]) -> None:
    made = Made()
    for x, row, size, text in lines:
        made.put(40 + x, 60 + 12 * row, " ".join(text), size=size)
    document = read(made.data(), "a.pdf")
    drawn = Counter("".join(words(" ".join(word for line in lines for word in line[3]))))
    assert Counter("".join(words(document.text))) == drawn
    end = 0
    for block in document.blocks:
        assert document.text[end : block.span.start].strip() == ""
        assert document.text[block.span.start : block.span.end].strip()
        assert block.box.left < block.box.right
        assert 0 <= block.box.top < block.box.bottom <= 842
        assert block.page == document.locate(block.span).page == 1
        end = block.span.end
    assert end == len(document.text)


NUMBER = st.sampled_from(
    ["0", "1", "-1", "12", "0.001", "300", "-700", "1e9", "99999999999999999999", "-99999999999999999999", "0.0000001"]
)
OPERATOR = st.one_of(
    st.builds("/F {} Tf".format, NUMBER),
    st.builds("{} {} {} {} {} {} Tm".format, *[NUMBER] * 6),
    st.builds("{} {} Td".format, NUMBER, NUMBER),
    st.builds("({}) Tj".format, st.text("abc .-•1|", max_size=12).map(lambda text: text.replace("•", "\x95"))),
    st.builds("{} Tz {} Ts {} Tc".format, NUMBER, NUMBER, NUMBER),
    st.builds("{} {} {} {} re S".format, *[NUMBER] * 4),
    st.builds("{} {} m {} {} l S".format, *[NUMBER] * 4),
    st.builds("{} {} {} {} {} {} cm".format, *[NUMBER] * 6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(OPERATOR, max_size=30), st.sampled_from(["", "/Rotate 90", "/CropBox [0 0 0 0]", "/CropBox [9 9 1 1]"]))
def test_no_drawing_is_too_odd(operators: list[str], page: str) -> None:
    try:
        read(raw_pdf("BT /F 12 Tf " + "\n".join(operators) + " ET", page=page), "a.pdf")
    except LoadError as error:
        assert "no text in it" in error.reason, error.reason

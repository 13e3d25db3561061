"""What holds for any page: no word is lost or made up, blocks cover the text, boxes lie on the page."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_making import Made
from reading import read
from word_measures import words

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

"""Cuts that stay where they were when a document is edited."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ragtree import Document
from ragtree.chunk.keeping import KeepingChunker
from ragtree.chunk.sentences import SentenceChunker
from ragtree.settings import ChunkSettings
from ragtree.text.tokens import count_tokens

CHUNKER = SentenceChunker(ChunkSettings(tokens=56))
SENTENCES = [f"The keeper of light number {number} counts {number * 7} lamps every night. " for number in range(60)]


def cut(text: str) -> list[str]:
    return [span.of(text) for span in CHUNKER.chunk(Document("a.md", text))]


def cut_again(text: str, before: list[str]) -> list[str]:
    return [span.of(text) for span in KeepingChunker(CHUNKER, before).chunk(Document("a.md", text))]


def test_a_sentence_put_in_moves_no_other_cut() -> None:
    before = cut("".join(SENTENCES))
    edited = "".join([*SENTENCES[:21], "A sentence that was not there before stands here now. ", *SENTENCES[21:]])
    after = cut_again(edited, before)
    assert "".join(after) == edited
    assert len(set(after) - set(before)) <= 3
    assert len(set(cut(edited)) - set(before)) > 10  # what a fresh cut does


def test_a_sentence_taken_out_and_one_changed_move_no_other_cut() -> None:
    before = cut("".join(SENTENCES))
    edited = "".join([*SENTENCES[:7], *SENTENCES[8:30], SENTENCES[30].replace("lamps", "lanterns"), *SENTENCES[31:]])
    after = cut_again(edited, before)
    assert "".join(after) == edited
    assert len(set(after) - set(before)) <= 4


def test_chunks_that_were_moved_keep_their_cuts() -> None:
    before = cut("".join(SENTENCES))
    edited = "".join([*before[10:], *before[:10]])
    assert sorted(cut_again(edited, before)) == sorted(before)


def test_where_edits_leave_crumbs_all_is_cut_afresh() -> None:
    text = "".join(SENTENCES)
    assert cut_again(text, SENTENCES) == cut(text)


def test_a_text_that_stands_twice_is_cut_afresh_there() -> None:
    text = "".join(SENTENCES[:10] * 3)
    before = cut(text)
    assert "".join(cut_again(text, before)) == text


@given(
    st.lists(st.sampled_from(SENTENCES), max_size=12),
    st.lists(st.sampled_from([*SENTENCES, "\n\n", "Short. ", "   ", "word " * 40]), max_size=12),
)
def test_the_text_is_covered_whole_and_no_chunk_is_too_large(old: list[str], new: list[str]) -> None:
    text = "".join(new)
    after = cut_again(text, cut("".join(old)))
    assert "".join(after) == text
    assert all(chunk.strip() for chunk in after) or not text.strip()
    assert all(count_tokens(chunk.strip()) <= 56 for chunk in after)

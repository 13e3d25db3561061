"""What the lexical index promises, in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import leaf, parent

from ragtree.errors import IndexDamagedError
from ragtree.store.lexical_index import LexicalIndex

LEAVES = [
    leaf("a", "The Company forfeits two pounds for every sailing that is missed."),
    leaf("b", "The harbour cat weighs nine pounds and sleeps."),
    leaf("c", "Die Häuser am Hafen sind alt, und die Katze ist nicht mehr da."),
    leaf("d", "東京都の人口は多い。"),
]
SUMMARY = parent("s", LEAVES[:2], "Pounds are forfeited, and weighed.")


@pytest.fixture(params=["memory", "disk"])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LexicalIndex]:
    opened = LexicalIndex(None if request.param == "memory" else tmp_path / "lexical")
    opened.upsert([*LEAVES, SUMMARY])
    yield opened
    opened.close()


def found(words: LexicalIndex, text: str, leaves: bool = True, count: int = 10) -> list[str]:
    return [key for key, _ in words.search(text, count, leaves)]


def test_leaves_and_summaries_are_found_apart_by_their_words(words: LexicalIndex) -> None:
    assert found(words, "What is forfeited for missed sailings?") == ["a"]
    assert found(words, "forfeits", leaves=False) == ["s"]
    assert found(words, "Haus und Katzen") == ["c"]
    assert found(words, "人口") == ["d"]
    assert found(words, "zeppelins") == found(words, "") == found(words, "?!") == []


def test_the_rarer_word_tells_more_and_scores_fall(words: LexicalIndex) -> None:
    scores = words.search("pounds cat", 10, leaves=True)
    assert [key for key, _ in scores] == ["b", "a"]
    assert scores[0][1] > scores[1][1] > 0
    assert found(words, "pounds cat", count=1) == ["b"]
    assert found(words, "pounds", count=0) == []


def test_what_is_written_again_is_found_by_its_new_words_alone(words: LexicalIndex) -> None:
    words.upsert([leaf("a", "Nothing but rope.")])
    assert found(words, "forfeits") == []
    assert found(words, "ropes") == ["a"]
    assert words.size(leaves=True) == len(LEAVES)


def test_what_is_deleted_is_gone(words: LexicalIndex) -> None:
    words.delete(["a", "s", "never there"])
    assert words.ids() == {"b", "c", "d"}
    assert (words.size(leaves=True), words.size(leaves=False)) == (3, 0)
    assert found(words, "forfeits") == []
    words.delete([])
    words.clear()
    assert words.ids() == set()
    assert found(words, "cat") == []


def test_what_is_said_before_a_chunk_is_searched_with_it() -> None:
    words = LexicalIndex(None)
    words.upsert([leaf("a", "It is nine.")])
    assert found(words, "keeper") == []
    from dataclasses import replace

    words.upsert([replace(leaf("a", "It is nine."), context="The keeper's age")])
    assert found(words, "keepers") == ["a"]


def test_it_is_there_when_opened_again(tmp_path: Path) -> None:
    LexicalIndex(tmp_path / "lexical").upsert(LEAVES)
    assert found(LexicalIndex(tmp_path / "lexical"), "cat") == ["b"]


@pytest.mark.parametrize("name", ["meta.json", ".managed.json"])
def test_one_that_cannot_be_read_is_begun_anew(tmp_path: Path, name: str) -> None:
    LexicalIndex(tmp_path / "lexical").upsert(LEAVES)
    (tmp_path / "lexical" / "leaves" / name).write_text("{", encoding="utf-8")
    assert LexicalIndex(tmp_path / "lexical").size(leaves=True) == 0


def test_one_that_loses_its_files_while_it_is_open_says_what_to_do(tmp_path: Path) -> None:
    words = LexicalIndex(tmp_path / "lexical")
    words.upsert(LEAVES)
    for path in (tmp_path / "lexical" / "leaves").iterdir():
        path.unlink()
    (tmp_path / "lexical" / "leaves").rmdir()
    with pytest.raises(IndexDamagedError, match="ragtree repair"):
        words.upsert(LEAVES)

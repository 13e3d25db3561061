"""The same text in several forms, as mail sends it: one is read, and of the others what only they say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_ADDRESS = re.compile(r"\w+://\S+|\[image: [^\]\n]*\]")
"""What stands beside a link's words, or in place of a picture, where there is no markup."""

_WORD = re.compile(r"[^\W_]+")
_FULL = 0.5
"""Share of the words of the longest form from which on an earlier form is read: senders put the simplest form first."""

_MOST_UNSEEN = 0.1
"""Share of a paragraph's pairs of words that may be put together by another layout of the same text."""

_LEAST_UNSPACED = 12
"""Letters from which on a paragraph is found by its letters alone, for scripts without spaces."""


class Said:
    """What was said so far, as it is compared."""

    def __init__(self, text: str) -> None:
        self._words: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._line = " "
        self._letters = ""
        self.add(text)

    def add(self, text: str) -> None:
        """This is said, too."""
        words = words_of(text)
        self._words.update(words)
        self._pairs.update(pairwise(words))
        self._line += " ".join(words) + " "
        self._letters += "".join(words)

    def lacks(self, text: str) -> bool:
        """Whether the text has a word, or words in an order, that were not said yet."""
        words = words_of(text)
        letters = "".join(words)
        if not words or f" {' '.join(words)} " in self._line:
            return False
        if len(letters) >= _LEAST_UNSPACED and letters in self._letters:
            return False
        pairs = [*pairwise(words)]
        unseen = sum(pair not in self._pairs for pair in pairs)
        return not self._words.issuperset(words) or unseen > _MOST_UNSEEN * len(pairs)


def merged(forms: Sequence[str]) -> str:
    """One form whole, and after it those paragraphs of the others that say something which was not said yet."""
    counts = [len(words_of(form)) for form in forms]
    most = max(counts, default=0)
    first = next((at for at, count in enumerate(counts) if count and count >= _FULL * most), None)
    if first is None:
        return "\n\n".join(form.strip() for form in forms if form.strip())
    texts, said = [forms[first].strip()], Said(forms[first])
    for form in (form for at, form in enumerate(forms) if at != first):
        for paragraph in re.split(r"\n\s*\n", form):
            if said.lacks(paragraph):
                texts.append(paragraph.strip())
                said.add(paragraph)
    return "\n\n".join(texts)


def words_of(text: str) -> list[str]:
    """The words without the signs between them and without addresses of links, all in one case."""
    return _WORD.findall(_ADDRESS.sub(" ", unicodedata.normalize("NFKC", text)).casefold())

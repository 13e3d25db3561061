"""The same text in several forms, as in mail: reads one in full, and of the others what only they say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_ADDRESS = re.compile(r"\w+://\S+|\[image: [^\]\n]*\]")
"""How plain text shows the target of a link, or a picture."""

_WORD = re.compile(r"[^\W_]+")
_FULL = 0.5
"""Least share of the longest form's words for an earlier form to be read. Senders put the simplest form first."""

_MOST_UNSEEN = 0.1
"""Share of a paragraph's word pairs that may be new only because of another layout of the same text."""

_LEAST_UNSPACED = 12
"""Least letters for comparing a paragraph by its letters alone, for scripts without spaces."""


class MergedText:
    """The text so far, in the form for comparison."""

    def __init__(self, text: str) -> None:
        self._words: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._line = " "
        self._letters = ""
        self.add(text)

    def add(self, text: str) -> None:
        """Add a text."""
        words = words_of(text)
        self._words.update(words)
        self._pairs.update(pairwise(words))
        self._line += " ".join(words) + " "
        self._letters += "".join(words)

    def lacks(self, text: str) -> bool:
        """Whether the text has a new word, or known words in a new order."""
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
    """One form in full, followed by the paragraphs of the others that say something new."""
    counts = [len(words_of(form)) for form in forms]
    most = max(counts, default=0)
    first = next((at for at, count in enumerate(counts) if count and count >= _FULL * most), None)
    if first is None:
        return "\n\n".join(form.strip() for form in forms if form.strip())
    texts, said = [forms[first].strip()], MergedText(forms[first])
    for form in (form for at, form in enumerate(forms) if at != first):
        for paragraph in re.split(r"\n\s*\n", form):
            if said.lacks(paragraph):
                texts.append(paragraph.strip())
                said.add(paragraph)
    return "\n\n".join(texts)


def words_of(text: str) -> list[str]:
    """The words, case-folded, without punctuation and without the targets of links."""
    return _WORD.findall(_ADDRESS.sub(" ", unicodedata.normalize("NFKC", text)).casefold())

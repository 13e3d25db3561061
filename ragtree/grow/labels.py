"""Short labels for groups by class-based TF-IDF (BERTopic, arXiv 2203.05794, section 3.3)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from ..grounding import content_words, stem

_TERMS = 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def group_labels(groups: Sequence[Sequence[str]]) -> list[str]:
    """For each group of texts the terms that are frequent in it and rare in the others."""
    counts = [_count(texts) for texts in groups]
    everywhere: Counter[str] = Counter()
    for count in counts:
        everywhere.update(count)
    average = sum(everywhere.values()) / max(1, len(groups))
    labels = []
    for count, texts in zip(counts, groups, strict=True):
        worth = {term: n * math.log(1 + average / everywhere[term]) for term, n in count.items()}
        best = sorted(worth, key=lambda term: (-worth[term], term))[:_TERMS]
        labels.append(", ".join(_written(best, texts)))
    return labels


def _count(texts: Sequence[str]) -> Counter[str]:
    """Stems and how often they stand; a text that repeats a word does not win by it alone."""
    count: Counter[str] = Counter()
    for text in texts:
        inside = Counter(stem(word) for word in content_words(text) if len(word) > 2)
        count.update({term: min(n, 2) for term, n in inside.items()})
    return count


def _written(terms: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Stems as the texts most often write them."""
    forms: dict[str, Counter[str]] = {term: Counter() for term in terms}
    for text in texts:
        for word in _WORD.findall(text):
            term = stem(word)
            if term in forms:
                forms[term][word.removesuffix("'s").removesuffix("’s")] += 1
    return [max(form.items(), key=lambda pair: (pair[1], pair[0]))[0] for form in forms.values() if form]

"""Where a text says who or what something is: "Captain Brock, harbour-master", "Ownership is a set of rules"."""

from __future__ import annotations

import re
from functools import lru_cache

from .folding import fold

_IS = "is|are|was|were|ist|sind|war|est|sont|était|es|son|era|è|sono|é|são|foi|zijn|это|является"
_MEANS = "means|bedeutet|désigne|significa|betekent|означает"
_ARTICLE = "an?|the|one|some|eine?[nrms]?|die|der|das|une?|le|la|les|una?|el|los|las|il|lo|gli|i|um|uma|o|a|een|de|het"
_INITIALS = r"(?:\s+\w\.)*\s+"
"""Initials that may stand between the words of a name: Captain T. Brock."""


def introduces(text: str, name: str) -> bool:
    """True if the text says what the name is: with "is", "are" or "means", or with words set off by a comma."""
    pattern = _pattern(" ".join(fold(name).split()))
    return pattern is not None and pattern.search(fold(text)) is not None


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[str] | None:
    words = [re.escape(word) for word in re.findall(r"\w+(?:['.-]\w+)*", name)]
    if not words:
        return None
    said = rf"(?<!\w)[*_`\"]*(?i:{_INITIALS.join(words)})[*_`\"]*"
    return re.compile(
        rf"{said}(?:\s+(?:(?:{_IS})\s+(?:{_ARTICLE})|{_MEANS})\b|\s*[,(–—]\s*(?:(?:{_ARTICLE})\s+)?[^\W\d_A-ZÄÖÜ][\w-]{{3,}})"
    )

"""What a good answer has.

A row says: `any` (of each list one), `all` with `atleast` (so many of them in the answer or the paths of its
sources; all if it is not said; `re:` begins a pattern), `cites` (so many citations), `from` (globs, each the path
of some source), `refuse` (it says that the documents do not tell), `smalltalk` (short, and without a source),
`never` (patterns).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ragtree.answer.wording import wording

_REFUSES = re.compile(
    r"\b(?:do|does|did) not (?:answer|say|tell|mention|contain|provide)|\bnot (?:mentioned|stated|given)\b|"
    r"\bno (?:information|answer|mention)\b|nicht (?:beantwort|erwähn|enthalt|genannt)|beantworten das nicht|"
    r"kommt .* nicht vor",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """True if it says that the documents do not tell."""
    said = [wording(code).not_in_documents for code in ("en", "de", "fr", "es")]
    return bool(_REFUSES.search(text)) or text.startswith(tuple(said))


def faults(row: Mapping[str, Any], text: str, cited: Sequence[str] | None) -> list[str]:
    """What is wrong with an answer. `cited` are the paths of its sources; None if it could have none."""
    low = re.sub(r"[*_`]", "", text.lower())
    where = low + " " + " ".join(cited or ()).lower()
    refused = refuses(text)
    if row.get("refuse"):
        return [] if refused else ["should say that the documents do not tell"]
    wrong = ["refused"] if refused else []
    wrong += ["quotes documents at small talk"] if row.get("smalltalk") and (cited or len(text) > 400) else []
    wrong += [f"none of {words}" for words in row.get("any", ()) if not any(word.lower() in low for word in words)]
    wanted = row.get("all", ())
    have = sum(bool(re.search(one[3:], where)) if one.startswith("re:") else one.lower() in where for one in wanted)
    wrong += [f"{have} of {wanted}"] if have < row.get("atleast", len(wanted)) else []
    wrong += [f"has {pattern!r}" for pattern in row.get("never", ()) if re.search(pattern, text)]
    if cited is None:
        return wrong
    wrong += [f"{len(cited)} citations"] if len(cited) < row.get("cites", 0) else []
    globs = row.get("from", ())
    return wrong + [f"nothing from {glob}" for glob in globs if not any(fnmatch.fnmatch(path, glob) for path in cited)]

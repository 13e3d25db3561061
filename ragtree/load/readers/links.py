"""Where a link leads, for texts that do not say it themselves."""

from __future__ import annotations

import re

_UNSAID = re.compile(r"\Ahttps?://(?:www\.)?|\Awww\.|\Amailto:|\Atel:|/\Z|\s", re.IGNORECASE)


def target_after(text: str, target: str) -> str:
    """What to write behind a link's text: its target in brackets, or nothing where the text says it or is empty."""
    target = target.strip()
    if not text.strip() or not target or target.startswith("#") or plain_address(target) in plain_address(text):
        return ""
    return f" ({target})"


def plain_address(text: str) -> str:
    """An address as it is compared: without what people leave out of it when they write it down."""
    return _UNSAID.sub("", text.strip()).lower()

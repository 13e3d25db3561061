"""Where a link leads, for texts that do not say it themselves."""

from __future__ import annotations

import re
from urllib.parse import unquote

_UNSAID = re.compile(r"\Ahttps?://(?:www\.)?|\Awww\.|/\Z|\s", re.IGNORECASE)
_PERSON = re.compile(r"(?:mailto|tel|sms):([^?]*)", re.IGNORECASE)


def target_after(text: str, target: str) -> str:
    """What to write behind a link's text: its target in brackets, or nothing where the text says it or is empty."""
    shown = address(target)
    if not text.strip() or not shown or plain_address(shown) in plain_address(text):
        return ""
    return f" ({shown})"


def address(target: str) -> str:
    """A target as a person writes it: an address of mail or a number without the program's words around it.

    Nothing for a place in the same document.
    """
    target = target.strip()
    person = _PERSON.match(target)
    if person:
        return unquote(person[1]).strip()
    return "" if target.startswith("#") else target


def plain_address(text: str) -> str:
    """An address as it is compared: without what people leave out of it when they write it down."""
    return _UNSAID.sub("", text.strip()).lower()

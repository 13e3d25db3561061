"""Targets of links, for link texts that do not show them."""

from __future__ import annotations

import re
from urllib.parse import unquote

_UNSAID = re.compile(r"\Ahttps?://(?:www\.)?|\Awww\.|/\Z|\s", re.IGNORECASE)
_PERSON = re.compile(r"(?:mailto|tel|sms):([^?]*)", re.IGNORECASE)


def target_after(text: str, target: str) -> str:
    """The text to add after a link: its target in brackets; empty if the link's text shows it or is empty."""
    shown = address(target)
    if not text.strip() or not shown or plain_address(shown) in plain_address(text):
        return ""
    return f" ({shown})"


def address(target: str) -> str:
    """A target as people write it: a mail address or a phone number without its scheme.

    Empty for a place in the same document.
    """
    target = target.strip()
    person = _PERSON.match(target)
    if person:
        return unquote(person[1]).strip()
    return "" if target.startswith("#") else target


def plain_address(text: str) -> str:
    """An address for comparison, without the parts that people leave out when they write it."""
    return _UNSAID.sub("", text.strip()).lower()

"""Recognizes what is not a page's own text: menus, notices about cookies, hidden elements."""

from __future__ import annotations

import re
from typing import Any

_ROLES = frozenset("navigation banner contentinfo search menu menubar toolbar dialog alertdialog".split())
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:menu|nav|navbar|navigation|breadcrumbs?|pagination|pager|sidebar|toolbar|share|sharing|social|"
    r"cookies?|consent|gdpr|skip|related|tags|toc)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINKED = 0.8
"""Share of letters in links, from which on a block that is named like a menu is one."""

_NOTICE = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_MOST_NOTICE = 1500
"""Letters of a notice: a longer block is text about cookies."""

_GROUPS = frozenset("div ul ol section aside header form table p".split())


def holds_notes(element: Any) -> bool:
    """Whether an element holds footnotes, which books hide until asked, and pages put into their footers."""
    said = f"{element.get('epub:type', '')} {element.get('role', '')}".lower()
    return "note" in said or (element.tag == "footer" and "footnote" in element.get("class", "").lower())


def is_menu(element: Any) -> bool:
    """Whether an element is a menu, a notice or hidden: by its markup, or by its name and its share of links.

    If in doubt, it is kept: an extra menu costs little, but a missing paragraph cannot be found.
    """
    if element.get("role", "").lower() in _ROLES or element.get("hidden", "until-found").lower() != "until-found":
        return True
    if element.tag == "noscript":  # text for readers without scripts, like this one, or only a request to enable them
        said = "".join(element.itertext())
        return "javascript" in said.lower() and _letters(said) <= _MOST_NOTICE
    if element.get("aria-hidden") == "true" and element.tag in _GROUPS:
        return True
    if _HIDDEN.search(element.get("style", "")):
        return True
    if element.tag not in _GROUPS:
        return False
    name = f"{element.get('class', '')} {element.get('id', '')}"
    if not _NAMES.search(name):
        return False
    letters = _letters("".join(element.itertext()))
    if _NOTICE.search(name):
        return letters <= _MOST_NOTICE
    linked = sum(_letters("".join(link.itertext())) for link in element.iter("a"))
    return letters > 0 and linked >= _LINKED * letters


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)

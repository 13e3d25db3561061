"""Whose records a Chroma holds. A server may hold another index's, or what this one's was before it had another."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .catalog import Catalog


@dataclass(frozen=True, slots=True)
class Owner:
    """An index, and which of its copies in Chroma follows its catalog."""

    index: str
    copy: str


def owner_of(catalog: Catalog) -> Owner:
    """The index of this catalog, and the copy that follows it; each is empty where there is none yet."""
    facts = catalog.facts()
    return Owner(facts.id, facts.copy)


def new_copy(catalog: Catalog) -> Owner:
    """From now on another copy follows the catalog."""
    owner = Owner(catalog.facts().id or secrets.token_hex(8), secrets.token_hex(8))
    catalog.set_facts({"id": owner.index, "copy": owner.copy})
    return owner

"""Whose records a Chroma holds. A server may hold those of another index, or an earlier copy of this one's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .catalog import Catalog


@dataclass(frozen=True, slots=True)
class Owner:
    """An index, and the copy in Chroma that follows its catalog. Both are random names."""

    index: str
    copy: str


def owner_of(catalog: Catalog) -> Owner:
    """The index of this catalog and the copy that follows it. Each is empty as long as there is none."""
    facts = catalog.facts()
    return Owner(facts.id, facts.copy)


def new_copy(catalog: Catalog) -> Owner:
    """Record that a new copy follows the catalog, and return its owner."""
    owner = Owner(catalog.facts().id or secrets.token_hex(8), secrets.token_hex(8))
    catalog.set_facts({"id": owner.index, "copy": owner.copy})
    return owner

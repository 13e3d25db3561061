"""Documents in versions, so that a test can tell which state of an index was seen."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from ragtree import Document
from ragtree.types import Node

THINGS = ("harbour", "lantern", "ledger", "orchard", "quarry", "bridge", "mill", "ferry", "chapel", "granary")


def text_of(name: str, version: int, paragraphs: int = 5) -> str:
    """The text of a document; every sentence names the document and the version."""
    words = random.Random(f"{name} {version}")
    lines = []
    for number in range(paragraphs):
        things = ", the ".join(words.sample(THINGS, 4))
        lines.append(
            f"Paragraph {number} of {name} in version {version} speaks of the {things} and of nothing else. "
            f"The keeper of {name} wrote version {version} of it down in the year {1800 + words.randrange(200)}."
        )
    return "\n\n".join(lines)


def document(name: str, version: int) -> Document:
    return Document(id=name, text=text_of(name, version))


def version_of(document: Document) -> int:
    """The version that a document's text names."""
    found = re.search(r"in version (\d+)", document.text)
    assert found is not None
    return int(found[1])


State = Mapping[str, int]
"""Versions of documents by id."""


def next_state(state: State, chance: random.Random, names: Sequence[str], most: int = 3) -> dict[str, int]:
    """The state after some documents were added, removed or changed."""
    new = dict(state)
    for name in chance.sample(list(names), chance.randint(1, most)):
        if name in new and chance.random() < 0.35 and len(new) > 3:
            del new[name]
        else:
            new[name] = state.get(name, 0) + chance.randint(1, 3)
    return new


def faults(state: State, leaves: Sequence[Node]) -> list[str]:
    """What is wrong with these leaves if the index is in this state."""
    found = []
    for leaf in leaves:
        version = state.get(leaf.document_id)
        if version is None:
            found.append(f"{leaf.document_id} is gone")
        elif leaf.span.of(text_of(leaf.document_id, version)) != leaf.text:
            found.append(f"{leaf.document_id}: {leaf.text!r} is not of version {version}")
    return found

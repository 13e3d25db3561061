"""A child that is forked while words are written does not keep its parent from writing."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from samples import leaf

from ragtree.store.lexical_index import LexicalIndex
from ragtree.types import Node

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a lock file cannot be told by its number")


class Forking:
    """A node at whose text, which is read while the writer is open, the process forks."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.children: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._node, name)

    @property
    def text(self) -> str:
        if not self.children:
            child = os.fork()
            if not child:
                signal.pause()
            self.children.append(child)
        return self._node.text


def test_the_lock_of_a_writer_is_free_though_a_child_lives_on(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "words", "en")
    node: Any = Forking(leaf("a", "a canary"))
    try:
        index.upsert([node])
        index.upsert([leaf("b", "a parrot")])
        assert index.ids() == {"a", "b"}
    finally:
        for child in node.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

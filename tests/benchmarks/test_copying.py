"""How long it takes to copy documents of an index to one of their own, beside building the index.

Wanted: nothing is embedded again, and a copy of everything takes at most a fourth of the build. RAGTREE_FILES=20 is a
quick look.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragtree import RagTree, Selection, Settings
from ragtree.embed.base import Embedder

DATA = Path(__file__).parents[3] / "shared" / "data" / "folder-peps" / "files"
FILES = int(os.environ.get("RAGTREE_FILES", "1000"))


@pytest.mark.skipif(not DATA.exists(), reason="needs the PEPs beside the project")
def test_a_copy_beside_the_build(report, tmp_path: Path, bundled_embedder: Embedder) -> None:
    folder = tmp_path / "peps"
    folder.mkdir()
    for path in sorted(path for path in DATA.rglob("*") if path.is_file())[:FILES]:
        (folder / path.name).write_bytes(path.read_bytes())
    settings = Settings.model_validate({"llm": {"model": "none"}})
    with RagTree.open(tmp_path / "whole", settings, embedder=bundled_embedder) as whole:
        built = whole.sync(folder)
        report(f"built: {len(built.added)} documents, {built.embedded} embedded, {built.seconds:.1f} s")
        for name, where in (("all", {}), ("some", {"source": {"$glob": ["pep-02*", "pep-0008*"]}})):
            with RagTree.open(tmp_path / name, settings, embedder=bundled_embedder) as part:
                done = part.copy_from([Selection(whole, where)])
                share = done.seconds / built.seconds
                report(
                    f"  {name}: {len(done.added)} documents, {done.embedded} embedded, {done.summarized} summarized, "
                    f"{share:.3f} of the build's seconds"
                )
                assert part.verify() == []

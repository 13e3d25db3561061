"""Folders that are served: their names, their open indexes, and turns."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ragtree import Settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.serve.collections import BusyError, ServedFolder, Turns, names_of
from ragtree.serve.open_folders import OpenFolders


def test_names_are_those_of_the_folders_without_signs_and_unlike_each_other(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("docs", "a/docs", "My papers (2)", "Письма", "Bücher", "b/docs")]
    assert names_of(folders) == ["docs", "docs-2", "My-papers-2", "documents", "Bucher", "docs-3"]


def test_an_index_follows_its_folder_and_is_closed_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("The crane was sold in 1922.")
    settings = Settings(llm={"model": "none"}, summarize={"kind": "extractive"})  # type: ignore[arg-type]

    async def served() -> None:
        async with OpenFolders([ServedFolder(folder, tmp_path / "index", settings)]).opened() as (collection,):
            assert collection.name == "notes"
            assert collection.watching is not None
            for _ in range(600):
                if (await collection.tree.stats()).documents:
                    break
                await asyncio.sleep(0.1)
            assert (await collection.tree.search("crane"))[0].node.source == "a.md"
        assert not collection.watching.running

    asyncio.run(served())


def test_turns_are_limited_and_so_is_the_queue() -> None:
    async def asked() -> tuple[int, int]:
        turns, at_once, most = Turns(2, 3), 0, 0

        async def answer() -> str:
            nonlocal at_once, most
            try:
                async with turns.turn():
                    at_once += 1
                    most = max(most, at_once)
                    await asyncio.sleep(0.01)
                    at_once -= 1
                return "answered"
            except BusyError:
                return "busy"

        said = await asyncio.gather(*(answer() for _ in range(9)))
        async with turns.turn():  # all turns have been given back
            pass
        return most, said.count("busy")

    assert asyncio.run(asked()) == (2, 4)


def test_a_turn_that_does_not_come_is_given_up() -> None:
    async def asked() -> None:
        turns = Turns(1, patience=0.02)
        async with turns.turn():
            with pytest.raises(BusyError, match="ask again"):
                async with turns.turn():
                    pass
        async with turns.turn():
            pass

    asyncio.run(asked())


@pytest.mark.parametrize(("model", "writes"), [("none", False), ("bundled", False), ("http://127.0.0.1:9/v1#m", True)])
def test_it_is_known_whether_a_model_writes_the_answers(tmp_path: Path, model: str, writes: bool) -> None:
    async def served() -> bool:
        settings = Settings.model_validate({"llm": {"model": model}})
        async with OpenFolders([ServedFolder(tmp_path, tmp_path / "index", settings)], watch=False).opened() as (
            found,
        ):
            return found.writes_answers

    assert asyncio.run(served()) is writes


def test_the_embedder_is_loaded_before_the_first_question(tmp_path: Path) -> None:
    loaded = threading.Event()

    class Telling(HashingEmbedder):
        def embed_query(self, text: str) -> NDArray[np.float32]:
            loaded.set()
            return super().embed_query(text)

    async def served() -> bool:
        folder = ServedFolder(tmp_path, tmp_path / "index", Settings(), Telling(64))
        async with OpenFolders([folder], watch=False).opened():
            return await asyncio.to_thread(loaded.wait, 20)

    assert asyncio.run(served())

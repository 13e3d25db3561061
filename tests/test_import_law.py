"""A package imports top-level modules, `text`, and the base.py of other packages. Only the joiners import more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ragtree"
ROOMS = {folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and list(folder.glob("*.py"))}
JOINERS = {
    "indexing",
    "gather",
    "planning",
    "upkeep",
    "publish",
    "sources",
    "evaluate",
    "inventory",
    "diagnosis",
    "cli",
    "serve",
    "integrations",
}
OPEN = "text"
"""The package that everything may use, like the top level; it uses only that."""
NOT_NOUNS = {"__init__", "__main__", "tree", "asynchronous", "async_parts", "models", "model_names"}
NOUNS = {path.stem for path in PACKAGE.glob("*.py")} - NOT_NOUNS


def imports(tree: ast.AST, module: str) -> Iterator[str]:
    """Every module of ragtree that `module` imports, anywhere in its code, as a path below the package."""
    inside = module.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[2] for name in node.names if name.name.split(".")[0] == "ragtree")
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = inside[: len(inside) - node.level]
                base += (node.module or "").split(".") if node.module else []
            elif (node.module or "").split(".")[0] == "ragtree":
                base = (node.module or "").split(".")[1:]
            else:
                continue
            for name in node.names:  # what is imported may itself be a module
                longer = [*base, name.name]
                found = PACKAGE.joinpath(*longer)
                yield ".".join(longer if found.with_suffix(".py").is_file() or found.is_dir() else base)


def breaches(module: str, source: str) -> list[str]:
    """What `module` imports although it may not."""
    room = module.split(".")[0] if "." in module else ""
    if room in JOINERS or module in NOT_NOUNS:
        return []
    wrong = []
    for target in imports(ast.parse(source), module):
        parts = target.split(".")
        to_room = parts[0] in ROOMS
        allowed = (
            (room and parts[0] == room)
            or (to_room and parts[1:] == ["base"] and room and room != OPEN)
            or parts[0] == OPEN
            or (not to_room and parts[0] in NOUNS)
        )
        if not allowed:
            wrong.append(target or "ragtree")
    return wrong


def modules() -> list[str]:
    paths = (path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_it_may(module: str) -> None:
    path = PACKAGE.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    name = module + ".__init__" if path.name == "__init__.py" and module != "__init__" else module
    assert breaches(name, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("load.pdf", "from ..errors import LoadError\nfrom .base import Loaded\nimport re", []),
        ("answer.reader", "from ..embed.base import Embedder\nfrom . import wording", []),
        ("answer.reader", "from ..embed.hashing import HashingEmbedder", ["embed.hashing"]),
        ("answer.reader", "def f():\n    from ragtree.embed import hashing", ["embed.hashing"]),
        ("answer.reader", "from ragtree import RagTree", ["ragtree"]),
        ("answer.reader", "from .. import models", ["models"]),
        ("answer.reader", "from ..tree import RagTree", ["tree"]),
        ("answer.reader", "import ragtree.store.chroma", ["store.chroma"]),
        ("answer.reader", "from ..indexing.chunks import hash_id", ["indexing.chunks"]),
        ("text.sentences", "from ..types import Span", []),
        ("text.sentences", "from ..load.base import Loaded", ["load.base"]),
        ("answer.reader", "from ..text.sentences import split", []),
        ("surveys", "from .text.sentences import split", []),
        ("indexing.sync", "from ..store.chroma import ChromaStore", []),
        ("tree", "from .store.chroma import ChromaStore", []),
    ],
)
def test_the_law_sees_what_breaks_it(module: str, source: str, wrong: list[str]) -> None:
    assert breaches(module, source) == wrong


def test_the_rooms_are_those_of_the_plan() -> None:
    known = (
        "answer chunk cli cluster diagnosis embed evaluate gather indexing integrations inventory labels llm load "
        "planning publish retrieve serve sources store summarize tables text understand upkeep"
    ).split()
    assert set(known) >= ROOMS
    assert {"load", "chunk", "store"} <= ROOMS

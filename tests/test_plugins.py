"""Packages add loaders, chunkers, retrievers and more. The package that works is the one of docs/plugins.md."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from library import ROOT, Ran, ragtree
from pydantic import ValidationError

from ragtree import RagTree, Settings
from ragtree.configuration import collect_settings
from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import NothingToIndexError, QueryError, SettingsError
from ragtree.indexing.ray_worker import ReadingActor, Refused
from ragtree.load.endings import LOADERS
from ragtree.load.sources import SOURCES, source_of
from ragtree.models import EMBEDDERS, RERANKERS, make_embedder, make_reranker
from ragtree.registry import CHUNKERS, CLUSTERERS, RETRIEVERS, SUMMARIZERS, Registry
from ragtree.retrieve.expand.query_writer import QueryWriter
from ragtree.retrieve.modes import make_retriever
from ragtree.settings import EmbedSettings, LoadSettings, RetrieveSettings

ALL = (LOADERS, SOURCES, CHUNKERS, EMBEDDERS, CLUSTERERS, SUMMARIZERS, RETRIEVERS, RERANKERS)
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
PROJECT, MODULE, USE = (
    re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]
    for language, number in (("toml", 0), ("python", 0), ("python", 1))
)
CARDS = """\
BEGIN:VCARD
VERSION:4.0
FN:Abel Strake
ROLE:Keeper of the light at Maw Head
END:VCARD
BEGIN:VCARD
FN:Henrietta Roos
ROLE:Receiver of wreck
END:VCARD
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package: its name, its version, entry points by group, and the text of its module."""

    def installed(name: str, points: dict[str, dict[str, str]], module: str = "", version: str = "1.0") -> None:
        site = tmp_path / f"site-{name}-{version}"
        told = site / f"{name.replace('-', '_')}-{version}.dist-info"
        told.mkdir(parents=True)
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        with (told / "entry_points.txt").open("w") as file:
            for group, named in points.items():
                file.write("".join([f"[{group}]\n", *(f"{key} = {to}\n" for key, to in named.items())]))
        (site / f"{name.replace('-', '_')}.py").write_text(module)
        monkeypatch.setattr(sys, "path", [str(site), *(path for path in sys.path if f"site-{name}-" not in path)])
        monkeypatch.delitem(sys.modules, name.replace("-", "_"), raising=False)

    return installed


@pytest.fixture
def cards(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of contacts, with the package of the documentation installed."""
    project = tomllib.loads(PROJECT)["project"]
    install(project["name"], project["entry-points"], MODULE, project["version"])
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "contacts"
    folder.mkdir()
    (folder / "friends.vcf").write_text(CARDS)
    return folder


def opened(tmp_path: Path, settings: Settings | None = None) -> RagTree:
    return RagTree.open(tmp_path / "index", settings or Settings(), embedder=HashingEmbedder(64))


# --- a package, end to end


def test_the_package_of_the_documentation_reads_cuts_and_finds(cards: Path) -> None:
    scope: dict[str, Any] = {}
    exec(USE, scope)  # noqa: S102 - the docs are ours
    assert scope["report"].added == ("friends.vcf",)
    assert [hit.node.text for hit in scope["hits"]] == ["FN: Abel Strake\nROLE: Keeper of the light at Maw Head\n\n"]
    assert scope["hits"][0].ranks == {"exact": 1}


def test_the_command_takes_what_a_package_offers(cards: Path) -> None:
    def ran(*arguments: str) -> Ran:
        return ragtree(*arguments, "--set", "chunk.kind=paragraphs", "--llm", "none")

    assert "1 document" in ran("index", str(cards), "--plan").out
    assert ran("index", str(cards)).status == 0
    found = ragtree("search", cards, "receiver of wreck", "--mode", "exact")
    assert "Henrietta Roos" in found.out
    assert "Abel" not in found.out
    assert "1 unchanged" in ran("index", str(cards)).err
    doctor = ragtree("doctor").out
    assert "ragtree-cards 1.0 adds the loader for files that end in vcf" in doctor
    assert "ragtree-cards 1.0 adds the mode exact" in doctor


def test_a_broken_file_and_a_broken_package_are_reasons_to_skip(cards: Path, install: Install, tmp_path: Path) -> None:
    install("broken", {"ragtree.loaders": {"brk": "broken:Loader"}}, "import nothing_of_that_name")
    (cards / "empty.vcf").write_text("no card")
    (cards / "a.brk").write_text("text")
    with opened(tmp_path) as tree:
        reasons = {skipped.source: skipped.reason for skipped in tree.sync(cards).skipped}
    assert reasons["empty.vcf"] == "there is no card in it"
    assert (
        "the package broken 1.0, which offers the loader for files that end in brk, does not work (ModuleNotFoundError"
        in (reasons["a.brk"])
    )


def test_a_file_is_read_again_by_another_version_of_its_package(cards: Path, install: Install, tmp_path: Path) -> None:
    (cards / "notes.txt").write_text("A note.")
    with opened(tmp_path) as tree:
        tree.sync(cards)
        points = tomllib.loads(PROJECT)["project"]["entry-points"]
        install("ragtree-cards", points, MODULE.replace('f"{name}: {value}', 'f"{name.title()}: {value}'), "2.0")
        report = tree.sync(cards)
        assert (report.changed, report.unchanged) == (("friends.vcf",), 1)
        assert "Role: Receiver of wreck" in tree.read("friends.vcf").quote


def test_another_fingerprint_of_a_chunker_cuts_again(cards: Path, install: Install, tmp_path: Path) -> None:
    with opened(tmp_path, Settings.model_validate({"chunk": {"kind": "paragraphs"}})) as tree:
        tree.sync(cards)
        before = len(tree.nodes())
        points = tomllib.loads(PROJECT)["project"]["entry-points"]
        module = MODULE.replace("tokens}/1", "tokens}/2").replace(r'r"\n\s*\n"', r'r"\n"')
        install("ragtree-cards", points, module, "2.0")
        tree.sync(cards)
        assert len(tree.nodes()) > before


def test_an_index_can_be_searched_without_the_package_that_cut_it(
    cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, Settings.model_validate({"chunk": {"kind": "paragraphs"}})) as tree:
        tree.sync(cards)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-ragtree-cards" not in path])
    with opened(tmp_path) as tree:
        assert tree.search("Abel Strake", mode="lexical")
        with pytest.raises(SettingsError, match="there is no chunker 'paragraphs'; there are sentences, tokens"):
            tree.sync(cards)
        assert tree.search("Abel Strake", mode="lexical")


# --- names


def test_everything_that_ragtree_offers_is_there() -> None:
    for registry in ALL:
        for name in registry.own:
            assert callable(resolve_name(f"ragtree.{registry.own[name]}")), name
            assert registry.package(name) == ""


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.group)
def test_a_name_has_one_owner(registry: Registry, install: Install) -> None:
    ours = next(iter((*registry.own, *registry.others)))
    install("first", {registry.group: {"special": "first:Made"}}, "Made = len")
    assert registry.make("special", "four") == 4
    with pytest.raises(registry.error, match=r"the package first 1.0, which .* special, does not work \(TypeError"):
        registry.make("special", 4)
    assert (registry.package("special"), registry.packages()) == ("first 1.0", ("first 1.0",))
    assert registry.names()[-1] == "special"
    install("second", {registry.group: {"special": "second:Made", ours: "second:Made"}})
    with pytest.raises(registry.error, match=r"(first 1.0 and second|second 1.0 and first) 1.0 both offer"):
        registry.make("special")
    install("first", {}, version="2.0")
    both = f"ragtree and second 1.0 both offer the {registry.what} {ours}; uninstall one of them"
    with pytest.raises(registry.error, match=f"^{re.escape(both)}$"):
        registry.names()
    doctor = ragtree("doctor")
    assert doctor.status == 1
    assert "ragtree and second 1.0 both offer" in doctor.out


@pytest.mark.parametrize(
    ("setting", "known"),
    [
        ("chunk.kind", "sentences, tokens, recursive, structure, semantic, layout"),
        ("tree.cluster", "llm, none, kmeans, gmm, gmm-umap"),
        ("summarize.kind", "auto, extractive, abstractive, hybrid"),
        ("retrieve.mode", "auto, guided, hybrid, leaves, lexical, collapsed, traverse"),
    ],
)
def test_a_mistyped_value_is_an_error_when_it_is_set(setting: str, known: str) -> None:
    stage, _, field = setting.partition(".")
    with pytest.raises(ValidationError, match=f"there is no .* 'hybird'; there are {known}"):
        Settings.model_validate({stage: {field: "hybird"}})
    with pytest.raises(SettingsError, match=f"^{setting} = 'hybird': there is no .* 'hybird'; there are {known}$"):
        collect_settings(None, {}, [f"{setting}=hybird"])


def test_unknown_names_elsewhere_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="there is no mode 'hybird'; there are auto"):
        make_retriever("hybird", RetrieveSettings())
    with pytest.raises(NothingToIndexError, match="nothing reads ftp://"):
        source_of("ftp://host/docs")
    with pytest.raises(SettingsError, match="'foo:bar': there is no embedder 'foo'; there are bundled, http"):
        make_embedder(EmbedSettings(model="foo:bar"))
    with pytest.raises(SettingsError, match="no reranker 'foo'; there are none, late, llm, colbert"):
        make_reranker(RetrieveSettings(rerank="foo:bar"), HashingEmbedder(), QueryWriter(lambda: None, None))
    (tmp_path / "a:b").mkdir()
    assert EMBEDDERS.in_model(str(tmp_path / "a:b")) == ""


# --- the other rooms

ROOMS = """
from pathlib import Path
from pkgutil import resolve_name

import numpy as np

from ragtree.embed.hashing import HashingEmbedder
from ragtree.cluster.kmeans import KMeans
from ragtree.load.listing import Folder
from ragtree.summarize.extractive import ExtractiveSummarizer


class Embedder(HashingEmbedder):
    def __init__(self, model, settings):
        super().__init__(int(model))
        self.name = f"rooms:{model}"


class Clusterer(KMeans):
    def __init__(self):
        super().__init__()
        self.fingerprint = "rooms/1"


class Summarizer(ExtractiveSummarizer):
    def __init__(self, settings, model, embedder, language, prompts, answers):
        super().__init__(settings, embedder, language)
        self.fingerprint = "rooms/1"


class Reranker:
    share = 1.0

    def __init__(self, model):
        self.word = model

    def rank(self, question, nodes):
        return np.array([float(self.word in node.text) for node in nodes])
"""


def test_every_other_room_takes_what_a_package_offers(install: Install, tmp_path: Path) -> None:
    points = {f"ragtree.{room.lower()}s": {"rooms": f"rooms:{room}"} for room in ("Clusterer", "Summarizer")}
    points |= {"ragtree.embedders": {"rooms": "rooms:Embedder"}, "ragtree.rerankers": {"rooms": "rooms:Reranker"}}
    install("rooms", points, ROOMS)
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("harbour", "ferry", "lighthouse", "market"):
        (folder / f"{name}.txt").write_text("\n\n".join(f"The {name} has rule {n}, and a clerk." for n in range(90)))
    settings = Settings.model_validate(
        {
            "embed": {"model": "rooms:48"},
            "tree": {"cluster": "rooms"},
            "summarize": {"kind": "rooms"},
            "retrieve": {"mode": "leaves", "rerank": "rooms:market"},
        }
    )
    with RagTree.open(tmp_path / "index", settings) as tree:
        assert tree.sync(folder).summarized
        assert tree.embedder.name == "rooms:48"
        assert {hit.node.document_id for hit in tree.search("rule 5", k=3)} == {"market.txt"}
        assert not tree.verify()
        assert tree.sync(folder).summarized == 0
    with RagTree.open(tmp_path / "index") as again:  # the index names the package's parts itself
        assert again.settings.tree.cluster == again.settings.summarize.kind == "rooms"
        assert again.search("rule 5", k=3)


def test_a_package_may_read_what_ragtree_cannot(install: Install, tmp_path: Path) -> None:
    module = (
        "from ragtree.load.base import Loaded\nclass Old:\n    def load(*given):\n        return Loaded('from Word')\n"
    )
    install("old-office", {"ragtree.loaders": {"doc": "old_office:Old"}}, module)
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    shutil.copy(folder / "a.doc", folder / "a.xls")
    with opened(tmp_path) as tree:
        report = tree.sync(folder)
        assert report.added == ("a.doc",)
        assert [skipped.source for skipped in report.skipped] == ["a.xls"]


# --- Ray


def test_a_worker_with_another_package_refuses_the_file(cards: Path) -> None:
    read = ReadingActor("").read
    refused = read(CARDS.encode(), "friends.vcf", LoadSettings(), "ragtree-cards 0.9")
    assert refused == Refused("a worker of Ray has ragtree-cards 1.0 to read it, and not ragtree-cards 0.9")
    document, *_ = read(CARDS.encode(), "friends.vcf", LoadSettings(), "ragtree-cards 1.0")
    assert "Maw Head" in document.text


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra ray is not installed")
def test_workers_of_ray_find_packages(
    cards: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("rooms", {"ragtree.clusterers": {"rooms": "rooms:Clusterer"}}, ROOMS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # Ray's processes are those of an environment
    grouped = {"cluster": "rooms", "shape": "clusters"}
    chosen = Settings.model_validate({"chunk": {"kind": "paragraphs"}, "tree": grouped})
    with opened(tmp_path, chosen) as tree:
        assert tree.sync(cards, on="local").added == ("friends.vcf",)
        assert [hit.node.text[:8] for hit in tree.search("receiver of wreck", mode="exact")] == ["FN: Henr"]

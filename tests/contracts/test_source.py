"""What every source of files has to keep: a folder, a bucket, and a repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from bucket_server import BucketServer

from ragtree import Document, NothingToIndexError, RagTree, StoreError
from ragtree.embed.hashing import HashingEmbedder
from ragtree.load.sources import source_of

FILES = {
    "light.md": "# The light\n\nThe keeper is Abel Strake.\n",
    "letters/ferry & co.txt": "The ferry Dunnock carries forty passengers.\n",
    "letters/ünï.txt": "The harbour is closed.\n",
    ".hidden/secret.txt": "Nobody reads this.\n",
    "letters/.draft": "Nor this.\n",
}
SEEN = sorted(["light.md", "letters/ferry & co.txt", "letters/ünï.txt"])


class Place:
    """Files that a test can change."""

    address: str | Path

    def put(self, files: Mapping[str, str | None]) -> None:
        """Write files; None removes one."""
        raise NotImplementedError

    def break_(self) -> None:
        """Make the place unreachable."""
        raise NotImplementedError

    def reads(self) -> list[str] | None:
        """Which contents were read since the last call, if that is known."""
        return None


class InFolder(Place):
    def __init__(self, folder: Path) -> None:
        self.address = self.folder = folder

    def put(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")

    def break_(self) -> None:
        shutil.rmtree(self.folder)


class InRepository(InFolder):
    """Nothing but what is committed counts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.address = f"git+{folder.as_uri()}"
        folder.mkdir()
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> None:
        names = ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")
        environment = {**os.environ, **dict.fromkeys(names, "a@example.org")}
        subprocess.run(["git", "-C", str(self.folder), *arguments], check=True, env=environment, capture_output=True)

    def put(self, files: Mapping[str, str | None]) -> None:
        (self.folder / "untracked.txt").unlink(missing_ok=True)
        super().put(files)
        (self.folder / "letters" / "link.txt").unlink(missing_ok=True)
        (self.folder / "letters" / "link.txt").symlink_to("/etc/passwd")
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", "a change")
        (self.folder / "untracked.txt").write_text("Nobody commits this.")
        (self.folder / "light.md").write_text("Nor this.")


class InBucket(Place):
    address = "s3://bucket/some/prefix"

    def __init__(self, server: BucketServer) -> None:
        self.server = server

    def put(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            key = f"bucket/some/prefix/{name}"
            if text is None:
                del self.server.objects[key]
            else:
                self.server.objects[key] = (text.encode(), 1e9)
        self.server.objects["bucket/some/prefixed.txt"] = (b"Of another prefix.", 1e9)

    def break_(self) -> None:
        self.server.fails = lambda _: True

    def reads(self) -> list[str]:
        found = [
            request for request in self.server.requests if request.startswith("GET") and "list-type" not in request
        ]
        self.server.requests.clear()
        return found


@pytest.fixture(params=["folder", "repository", "bare repository", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if request.param == "bucket":
        pytest.importorskip("obstore")
        with BucketServer() as server:
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            yield InBucket(server)
    elif request.param == "folder":
        yield InFolder(tmp_path / "docs")
    else:
        found = InRepository(tmp_path / "docs")
        if request.param == "bare repository":
            found.address = f"git+{(tmp_path / 'docs' / '.git').as_uri()}"
        yield found


def test_it_lists_files_sorted_without_hidden_ones(place: Place) -> None:
    place.put(FILES)
    listing = source_of(place.address).files()
    names = [entry.id for entry in listing.entries]
    assert names == SEEN
    assert listing.ignored["hidden"] == 2
    for entry in listing.entries:
        content = entry.path.read_bytes()
        assert content == FILES[entry.id].encode()
        assert entry.size == len(content)
        assert entry.modified > 0


def test_a_tag_is_equal_only_for_equal_contents(place: Place) -> None:
    place.put(FILES)
    before = {entry.id: entry.tag for entry in source_of(place.address).files().entries}
    place.put({**FILES, "light.md": FILES["light.md"].replace("Strake", "Stroke")})
    after = {entry.id: entry.tag for entry in source_of(place.address).files().entries}
    assert {name for name in before if before[name] != after[name]} <= {"light.md"}
    assert "light.md" not in after or not after["light.md"] or before["light.md"] != after["light.md"]


def test_an_index_follows_it(place: Place, tmp_path: Path) -> None:
    place.put(FILES)
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as tree:
        assert len(tree.plan(place.address, measure=False).added) == 3
        assert sorted(tree.sync(place.address).added) == SEEN
        place.reads()
        again = tree.sync(place.address)
        assert (again.unchanged, again.added, again.changed, again.removed) == (3, (), (), ())
        assert not place.reads()  # what has not changed costs no download
        tree.add([Document("memo", "The canary sings.")])
        place.put({"light.md": "# The light\n\nThe keeper is Tom Vane.\n", "letters/ünï.txt": None})
        changed = tree.sync(place.address)
        assert (changed.changed, changed.removed) == (("light.md",), ("letters/ünï.txt",))
        assert len(place.reads() or ["light.md"]) == 1
        assert [entry.id for entry in tree.entries()] == ["letters/ferry & co.txt", "light.md", "memo"]
        place.break_()
        with pytest.raises((StoreError, NothingToIndexError)):
            tree.sync(place.address)
        assert len(tree.entries()) == 3  # what cannot be reached is not gone


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    for address in (tmp_path / "nowhere", f"git+{(tmp_path / 'nowhere').as_uri()}", (tmp_path / "nowhere").as_uri()):
        with pytest.raises(NothingToIndexError, match="nowhere"):
            source_of(address).files()
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToIndexError, match="name a git repository with a commit"):
        source_of(f"git+{(tmp_path / 'empty').as_uri()}").files()


def test_an_unknown_scheme_names_those_that_there_are() -> None:
    with pytest.raises(
        NothingToIndexError,
        match=r"nothing reads ftp://; .* az://, file://, git\+file://, gs://, http://, https://, s3://",
    ):
        source_of("ftp://host/docs")

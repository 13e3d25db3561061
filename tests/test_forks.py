"""A forked process: the child learns at once what it cannot use, and takes nothing from its parent."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragtree import Chat, Document, IndexLockedError, RagTree, Settings, WrongProcessError
from ragtree.embed.hashing import HashingEmbedder
from ragtree.llm.scripted import ScriptedChat
from ragtree.processes import Library
from ragtree.store.lock import IndexLock

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

SETTINGS = Settings.model_validate({"chunk": {"tokens": 16}, "summarize": {"tokens": 24, "kind": "extractive"}})
MEMO = "The keeper of the light is Abel Strake. The oil comes in barrels from Tolbrack. The canary sings at noon."
PATIENCE = 20.0


def opened(path: Path) -> RagTree:
    said = ["The keeper of the light is Abel Strake. The canary sings at noon."]
    return RagTree.open(path, SETTINGS, embedder=HashingEmbedder(), llm=ScriptedChat(said))


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with opened(tmp_path / "index") as made:
        made.add([Document(id="memo", text=MEMO), Document(id="note", text="The bell weighs two tons.")])
        assert made.search("canary", k=1)
        yield made


def in_child(work: Callable[[], object]) -> str:
    """How `work` ends in a forked child: `done`, or the class and text of what it raised; `hung` if it does not end."""
    out, into = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            work()
            said = "done"
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = f"{type(error).__name__}: {error}"
        os.write(into, said.encode())
        os._exit(0)
    os.close(into)
    ready, _, _ = select.select([out], [], [], PATIENCE)
    said = os.read(out, 100_000).decode() if ready else "hung"
    os.close(out)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return said


def is_refused(said: str) -> bool:
    return said.startswith("WrongProcessError") and "spawn" in said and "serve-store" in said and "\n" not in said


def public_names(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_") and name not in ("close", "open", "salvage")]


def test_whatever_a_child_calls_on_a_tree_or_a_chat_is_refused_at_once(tree: RagTree) -> None:
    chat = tree.chat()
    for one, kind in ((tree, RagTree), (chat, Chat)):
        names = public_names(kind)
        assert len(names) >= 4

        def call(one: object = one, names: list[str] = names) -> None:
            for name in names:
                with pytest.raises(WrongProcessError):
                    getattr(one, name)
            raise WrongProcessError("; ".join(["spawn", "serve-store"]))

        assert is_refused(in_child(call)), kind
    assert is_refused(in_child(lambda: tree.search("canary")))
    assert is_refused(in_child(lambda: setattr(tree, "llm", None)))


def test_an_iterator_that_was_begun_before_the_fork_is_refused_in_the_child(tree: RagTree) -> None:
    pieces, documents, unread = (
        tree.chat().stream("Who is the keeper of the light?"),
        tree.documents(),
        tree.documents(),
    )
    first, memo = next(pieces), next(documents)
    for one in (pieces, documents, unread):
        assert is_refused(in_child(lambda one=one: next(one)))  # type: ignore[misc]
        assert in_child(one.close) == "done"  # type: ignore[attr-defined]
    assert "Abel Strake" in first + "".join(pieces)
    assert [memo.id, *(document.id for document in documents)] == ["memo", "note"]


def test_leaving_a_with_block_in_the_child_closes_nothing_of_the_parent(tree: RagTree, tmp_path: Path) -> None:
    def leave() -> None:
        with tree:
            pass
        tree.close()

    assert in_child(leave) == "done"
    assert tree.search("canary", k=1)
    with pytest.raises(IndexLockedError, match="in this process"):
        opened(tmp_path / "index")
    tree.add([Document(id="parrot", text="The parrot is called Bosun.")])
    assert tree.verify() == []


def test_a_child_that_ends_as_programs_do_leaves_the_parent_its_index(tmp_path: Path) -> None:
    """When Python exits, it frees all objects. With them it would release locks, connections and temporary files."""
    code = """
    import os, subprocess, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_forks import opened
    from ragtree import Document, IndexLockedError
    with opened(Path(sys.argv[1])) as tree:
        tree.add([Document(id="memo", text="The canary sings at noon.")])
        documents = tree.documents()
        next(documents, None)
        pid = os.fork()
        if not pid:
            sys.exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
        other = "from test_forks import opened; from pathlib import Path; import sys; opened(Path(sys.argv[1]))"
        command = [sys.executable, "-c", other, sys.argv[1]]
        ran = subprocess.run(command, cwd=sys.argv[2], capture_output=True, text=True)
        assert "IndexLockedError" in ran.stderr, ran.stderr
        tree.add([Document(id="parrot", text="The parrot is called Bosun.")])
        assert tree.verify() == []
        assert len(list(tree.documents())) == 2
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "index"), str(Path(__file__).parent)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


def test_an_index_is_free_when_its_process_was_killed_and_a_child_of_it_lives(tmp_path: Path) -> None:
    code = """
    import os, signal, sys, time
    from pathlib import Path
    from ragtree.store.lock import IndexLock
    lock = IndexLock(Path(sys.argv[1]))
    pid = os.fork()
    if not pid:
        print(os.getpid(), flush=True)
        os.close(1)
        os.close(2)
        time.sleep(60)
        os._exit(0)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    child = int(ran.stdout)
    try:
        IndexLock(tmp_path).release()
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_child_forked_while_threads_write_and_read_gets_an_error(tree: RagTree) -> None:
    """The locks that those threads hold stay locked in the child for ever."""
    over = threading.Event()
    errors: list[BaseException] = []

    def repeat(work: Callable[[int], object]) -> None:
        number = 0
        while not over.is_set():
            try:
                work(number)
            except BaseException as error:  # noqa: BLE001 - shown below
                errors.append(error)
                return
            number += 1

    works = (
        lambda number: tree.add([Document(id=f"ship{number % 3}", text=f"The ship {number} carries tar.")]),
        lambda number: tree.search("canary", k=2),
    )
    threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    said: list[str] = []
    forking = threading.Thread(  # and the fork is made in a thread, too
        target=lambda: said.extend(in_child(work) for work in 4 * [lambda: tree.search("canary"), lambda: tree.add([])])
    )
    forking.start()
    forking.join()
    over.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(said) == 8
    assert all(map(is_refused, said)), said
    assert tree.verify() == []


def test_multiprocessing_by_fork_and_what_is_sent_to_another_process_say_what_to_do(tree: RagTree) -> None:
    queue = multiprocessing.get_context("fork").SimpleQueue()

    def work() -> None:
        try:
            tree.search("canary")
        except WrongProcessError as error:
            queue.put(str(error))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    assert "spawn" in queue.get()
    process.join()
    with pytest.raises(WrongProcessError, match=r"RagTree cannot be sent to another process.*serve-store"):
        pickle.dumps({"tree": tree})
    with pytest.raises(WrongProcessError, match="Chat cannot be sent"):
        pickle.dumps(tree.chat())


def test_a_child_of_a_preloaded_application_opens_an_index_that_its_parent_has_let_go_of(tmp_path: Path) -> None:
    """As gunicorn does with --preload: the application is imported, then the workers are forked."""
    code = """
    import os, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_forks import opened
    from ragtree import Document
    with opened(Path(sys.argv[1])) as preloaded:
        preloaded.stats()
    pid = os.fork()
    if not pid:
        with opened(Path(sys.argv[1])) as tree:
            tree.add([Document(id="memo", text="The canary sings at noon.")])
            assert tree.search("canary", k=1)
            assert tree.verify() == []
        sys.exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "index"), str(Path(__file__).parent)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_child_that_uses_its_parent_s_chroma_gets_an_error(tree: RagTree, tmp_path: Path) -> None:
    def add(path: Path) -> None:
        with opened(path) as own:
            own.add([Document(id="parrot", text="The parrot is called Bosun.")])

    said = in_child(lambda: add(tmp_path / "other"))
    assert is_refused(said)
    assert "Chroma" in said
    tree.close()
    said = in_child(lambda: add(tmp_path / "index"))
    assert is_refused(said)


def test_a_child_does_not_open_a_catalog_that_was_open_when_it_was_forked(tree: RagTree, tmp_path: Path) -> None:
    from ragtree.store.catalog import Catalog
    from ragtree.store.catalog_reader import CatalogReader

    for kind in (Catalog, CatalogReader):
        said = in_child(lambda kind=kind: kind(tmp_path / "index" / "catalog.sqlite"))  # type: ignore[misc]
        assert said.startswith("WrongProcessError"), said
        assert "catalog.sqlite" in said


def test_a_library_with_threads_is_refused_where_the_parent_has_used_it() -> None:
    used, unused = Library("The used one"), Library("The other one")
    used.use()
    assert in_child(unused.use) == "done"
    said = in_child(used.use)
    assert is_refused(said)
    assert said.startswith("WrongProcessError: The used one cannot be used here")
    used.use()


def test_a_grandchild_gets_an_error_even_if_a_process_number_is_reused(tree: RagTree) -> None:
    def fork_again() -> None:
        raise WrongProcessError(in_child(lambda: tree.search("canary")).partition(": ")[2])

    assert is_refused(in_child(fork_again))


def test_a_watch_of_the_parent_goes_on_and_is_not_the_child_s(tree: RagTree, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("The lamp burns paraffin.", encoding="utf-8")
    with tree.watch(folder) as watching:
        assert is_refused(in_child(watching.stop))
        until = time.monotonic() + PATIENCE
        while watching.report is None and time.monotonic() < until:
            time.sleep(0.02)
        assert watching.running
        assert watching.report is not None
    assert {one.id for one in tree.documents()} >= {"a.md"}

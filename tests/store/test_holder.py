"""Who holds an index: said of this process, this machine and this namespace only where it is true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ragtree.errors import IndexLockedError
from ragtree.store import holder
from ragtree.store.holder import Holder
from ragtree.store.lock import IndexLock

INDEX = Path("somewhere") / "index"
HERE = Holder.here()

linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces and /proc are Linux's")


def test_a_process_of_this_machine_is_named_by_its_number() -> None:
    assert replace(HERE, pid=os.getppid(), started="").told(INDEX) == (
        f"the index {INDEX} is in use by process {os.getppid()}; wait for it or end it, or share the index with: "
        "ragtree serve-store FOLDER"
    )
    served = replace(HERE, address="http://127.0.0.1:8000").told(INDEX)
    assert f"process {os.getpid()} at http://127.0.0.1:8000" in served
    assert served.endswith("or end that process")


@linux
@pytest.mark.parametrize(
    ("other", "where"),
    [
        ({"namespace": "4026539999"}, "another container or namespace of this machine"),
        ({"namespace": ""}, "another container or namespace of this machine"),
        ({"host": "web-2", "boot": "other"}, r"another container or machine \(web-2\)"),
        ({"host": "web-2"}, r"another container or machine \(web-2\)"),
        ({"boot": "the last one"}, "another container or machine"),
    ],
)
@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000"])
def test_a_number_of_another_place_is_no_process_to_end(other: dict[str, str], where: str, address: str) -> None:
    for pid in (1, os.getpid()):
        said = replace(HERE, pid=pid, address=address, **other).told(INDEX)
        assert re.search(where, said), said
        assert "end" not in said.replace("reached", "").split()
        assert address in said


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000"])
def test_nobody_is_told_to_end_process_1(address: str) -> None:
    said = Holder(1, HERE.host, HERE.boot, HERE.namespace, "", address).told(INDEX)
    assert "process 1" in said
    assert "end" not in said.replace(",", "").replace(";", "").split()


@linux
def test_a_number_that_another_process_has_got_since_is_not_the_one_to_end() -> None:
    assert "a process that process" in replace(HERE, started="17").told(INDEX)
    assert f"in use by process {os.getpid()};" in HERE.told(INDEX)


@linux
@pytest.mark.parametrize("pid", [0, 1, 4_000_000, 10**30])
def test_where_proc_is_hidden_no_number_is_taken_for_one_of_this_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pid: int
) -> None:
    monkeypatch.setattr(holder, "_PROC", tmp_path / "no proc")
    hidden = Holder.here()
    assert (hidden.boot, hidden.namespace, hidden.started) == ("", "", "")
    assert "another container" in replace(hidden, pid=pid).told(INDEX)
    assert "another container" in replace(HERE, pid=pid).told(INDEX)


@pytest.mark.parametrize("text", ["", "nobody", "[]", "{}", '{"pid": "x"}', '{"pid": 3, "who": 1}', "\xff", "null"])
def test_a_lock_file_without_a_holder_names_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lock.pid"
    assert Holder.read(path) is None
    path.write_bytes(text.encode("latin-1"))
    assert Holder.read(path) is None
    path.write_text(HERE.written(), encoding="utf-8")
    assert Holder.read(path) == HERE


def test_this_process_is_what_holds_the_lock_and_not_what_is_written_down(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    for said in ("", Holder(1, "web-2").written()):
        (tmp_path / "lock.pid").write_text(said, encoding="utf-8")
        with pytest.raises(IndexLockedError, match="open already in this process"):
            IndexLock(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(IndexLockedError, match="open already in this process"):
        IndexLock(tmp_path / "link")
    lock.release()
    assert not (tmp_path / "lock.pid").exists()


HOLD = """
import sys
from pathlib import Path
from ragtree.store.lock import IndexLock
lock = IndexLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@linux
def test_two_containers_on_one_volume_do_not_take_each_other_for_themselves(tmp_path: Path) -> None:
    apart = [shutil.which("unshare") or "unshare", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("not allowed to make a namespace")
    command = [*apart, sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        told = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False).stderr
        with pytest.raises(IndexLockedError) as caught:
            IndexLock(tmp_path)
        for said in (told, str(caught.value)):
            assert "another container or namespace of this machine" in said
            assert "in this process" not in said
        first.kill()

"""One step of an index's upkeep in a process of its own: `upkeep_steps.py STEP INDEX` prints as JSON what it took.

Nothing but the standard library is imported before the clock is read.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

started = time.perf_counter()


def taken() -> float:
    return time.perf_counter() - started


def main(step: str, index: str) -> None:
    found: dict[str, float] = {}
    if step == "salvage":  # as when the first page of the catalog was overwritten
        with (Path(index) / "catalog.sqlite").open("r+b") as file:
            file.write(bytes(4096))
    begun = taken()
    from ragtree import RagTree, Settings

    sys.path.insert(0, str(Path(__file__).parent))
    from large import Given

    found["imports"] = taken() - begun
    if step == "salvage":
        assert RagTree.salvage(index) is not None
    else:
        with RagTree.open(index, Settings(), create=False, embedder=Given()) as tree:
            found["the catalog"] = taken() - begun - found["imports"]
            if step == "open":
                _ = tree._store
            elif step == "search":
                assert tree.search("bade fide goluma", k=10)
            elif step == "verify":
                assert tree.verify() == []
            elif step == "repair":
                assert tree.repair()
            elif step == "purge":
                assert not tree.purge().found
            found["all"] = taken() - begun
    found.setdefault("all", taken() - begun)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found["processors"] = usage.ru_utime + usage.ru_stime
    found["MiB"] = usage.ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])

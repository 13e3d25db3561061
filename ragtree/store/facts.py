"""A second copy of the facts about an index, beside the catalog: without them what is read out of it fits nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def keep_facts(folder: Path, facts: Mapping[str, str]) -> None:
    """Write the facts down, where they are others than those that are there. A full disk does no harm."""
    path = folder / "facts.json"
    text = json.dumps(dict(sorted(facts.items())), ensure_ascii=False, indent=1)
    with suppress(OSError):
        if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
            unfinished = path.with_suffix(".json.new")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)


def kept_facts(folder: Path) -> dict[str, str]:
    """The facts that were written down; none where the file is gone or damaged."""
    try:
        found = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {str(key): value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
    )

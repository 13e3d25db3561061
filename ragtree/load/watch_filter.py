"""Changed paths -> those that may matter to a sync, by the same rules as the listing of the folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from .ignore import EXCLUDING, Rules
from .listing import INDEX_FILE, why_not_entered, why_not_read


def relevant_paths(folder: Path, paths: Iterable[Path], removed: Collection[Path] = ()) -> list[Path]:
    """The paths (below `folder`, or itself) that a listing would show, enter or read rules from; sorted.

    What is gone may have been a file or a folder: it counts unless it is excluded as both. So does what was removed,
    even if something else is there now.
    """
    folders = _Folders(folder)
    return sorted(path for path in {*paths, *removed} if folders.notices(path, path in removed))


class _Folders:
    """The folders below the top that a listing enters. Each is looked at once."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._rules = Rules()
        self._entered: dict[str, bool] = {}

    def notices(self, path: Path, was_removed: bool) -> bool:
        if path == self._top:
            return True
        if not path.is_relative_to(self._top):
            return False
        *above, name = path.relative_to(self._top).parts
        place = "".join(f"{part}/" for part in above)
        if not self._enters(tuple(above)):
            return False
        if name in EXCLUDING:
            return True
        file = why_not_read(self._rules, place, name) is None
        folder = why_not_entered(self._rules, path.parent, place, name) is None
        if was_removed or not path.exists():
            return file or folder
        if path.is_dir() and not path.is_symlink():
            return folder and not (path / INDEX_FILE).is_file()
        return file

    def _enters(self, above: tuple[str, ...]) -> bool:
        """Whether a listing enters the folder whose path has these parts. If so, its patterns have been read."""
        place = "".join(f"{part}/" for part in above)
        known = self._entered.get(place)
        if known is None:
            known = self._entered[place] = self._looks(above, place)
        return known

    def _looks(self, above: tuple[str, ...], place: str) -> bool:
        here = self._top.joinpath(*above)
        if above:
            *outer, name = above
            if not self._enters(tuple(outer)):
                return False
            outside = "".join(f"{part}/" for part in outer)
            if why_not_entered(self._rules, here.parent, outside, name) is not None or (here / INDEX_FILE).is_file():
                return False
        self._rules.read(here, place, [name for name in EXCLUDING if (here / name).is_file()])
        return True

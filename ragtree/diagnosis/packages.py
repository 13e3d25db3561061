"""Python, and the packages that ragtree and its extras require."""

from __future__ import annotations

import platform
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RagtreeError
from ..load.endings import LOADERS
from ..load.sources import SOURCES
from ..models import EMBEDDERS, RERANKERS
from ..registry import CHUNKERS, CLUSTERERS, RETRIEVERS, SUMMARIZERS
from ..text_files import read_text
from .base import Check, error_check

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_OLDEST = (3, 11)
_EXTRA = re.compile(r"extra == [\"']([\w-]+)[\"']")
_DEVELOPERS = ("test",)
"""Extras for developers, which users of ragtree do not need."""


def python_checks() -> Iterator[Check]:
    """The interpreter."""
    found = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info < _OLDEST:
        yield Check("Python", found, "wrong", f"use Python {'.'.join(map(str, _OLDEST))} or newer")
    else:
        yield Check("Python", found)


def package_checks(needed: Collection[str]) -> Iterator[Check]:
    """The packages that are always required, and those of each extra. `needed` are the extras that the settings use."""
    yield from checks_of(wanted_packages(), needed)


def checks_of(wanted: Sequence[Requirement], needed: Collection[str]) -> Iterator[Check]:
    """One check for the packages that are always required, and one for each extra."""
    always = [one for one in wanted if _applies(one, "")]
    yield _check("packages", always, "pip install --upgrade ragtree", needed=True)
    for extra in sorted({extra for one in wanted for extra in _extras(one)}.difference(_DEVELOPERS)):
        own = [one for one in wanted if _applies(one, extra) and one not in always]
        yield _check(f"extra {extra}", own, f"pip install --upgrade 'ragtree[{extra}]'", needed=extra in needed)


def plugin_checks() -> Iterator[Check]:
    """What other packages add to ragtree."""
    for registry in (LOADERS, SOURCES, CHUNKERS, EMBEDDERS, CLUSTERERS, SUMMARIZERS, RETRIEVERS, RERANKERS):
        try:
            offered = [name for name in registry.names() if registry.package(name)]
        except RagtreeError as error:
            yield error_check("plug-ins", error)
            continue
        for name in offered:
            yield Check("plug-ins", f"{registry.package(name)} adds the {registry.what} {name}")


def wanted_packages() -> list[Requirement]:
    """The requirements in ragtree's metadata, or in pyproject.toml for a source tree that is not installed."""
    from packaging.requirements import Requirement

    try:
        lines = metadata.requires("ragtree") or []
    except metadata.PackageNotFoundError:
        lines = _of_source_tree()
    return [Requirement(line) for line in lines]


def _of_source_tree() -> list[str]:
    project = tomllib.loads(read_text(Path(__file__).parents[2] / "pyproject.toml"))["project"]
    lines = list(project["dependencies"])
    for extra, own in project["optional-dependencies"].items():
        lines += [f"{line}; extra == '{extra}'" for line in own]
    return lines


def _check(name: str, wanted: Sequence[Requirement], pip: str, needed: bool) -> Check:
    there, missing, other = [], [], []
    for one in wanted:
        if one.name == "ragtree":  # an extra that includes another one, which has its own line
            continue
        version = _version(one.name)
        if not version:
            missing.append(one.name)
        elif not one.specifier.contains(version, prereleases=True):
            other.append(f"{one.name} {version} (required: {one.specifier})")
        else:
            there.append(f"{one.name} {version}")
    if other:
        return Check(name, ", ".join(other), "wrong", pip)
    if not missing:
        return Check(name, ", ".join(there) if len(there) < 9 else f"all {len(there)} are installed")
    if not needed:
        return Check(name, f"missing: {', '.join(missing)}", "note", f"if you want it: {pip}")
    return Check(name, f"missing: {', '.join(missing)}", "wrong", pip)


def _version(name: str) -> str:
    try:
        return metadata.version(name) or ""
    except metadata.PackageNotFoundError:
        return ""


def _applies(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def _extras(one: Requirement) -> list[str]:
    """The extra that a requirement belongs to, if any."""
    return _EXTRA.findall(str(one.marker or ""))

from __future__ import annotations

import re

import pytest

from ragtree import errors
from ragtree.errors import LoadError, MissingExtraError, RagtreeError


def drawn() -> dict[str, str]:
    """Class -> its base, by the tree in the docstring."""
    tree: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([ │├└─]*)(\w+(?:Error))\b", line)
        if not found:
            continue
        depth, name = len(found[1]), found[2]
        path = [(other, parent) for other, parent in path if other < depth]
        tree[name] = path[-1][1] if path else "Exception"
        path.append((depth, name))
    return tree


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    classes = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert drawn() == {name: kind.__bases__[0].__name__ for name, kind in classes.items()}
    assert len(classes) > 10


def test_every_error_is_one_that_can_be_caught_at_once() -> None:
    classes = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert all(issubclass(kind, RagtreeError) and kind.__doc__ for kind in classes)


def test_a_missing_extra_names_its_pip_line() -> None:
    error = MissingExtraError("torch", "local")
    assert str(error) == "torch is not installed; install it with: pip install 'ragtree[local]'"
    assert error.extra == "local"


def test_a_load_error_keeps_source_and_reason() -> None:
    with pytest.raises(RagtreeError, match=r"^a\.pdf: it is empty$") as caught:
        raise LoadError("a.pdf", "it is empty")
    assert isinstance(caught.value, LoadError)
    assert (caught.value.source, caught.value.reason) == ("a.pdf", "it is empty")

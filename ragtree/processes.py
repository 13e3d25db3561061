"""Objects that belong to one process. A forked child gets an error at once if it uses them, and never cleans them up.

After a fork the child has copies of the parent's connections, locks and models, but none of its threads. A model that
waits for its threads deadlocks. Closing an SQLite connection or releasing a lock in the child takes it away from the
parent. So in the child every such object raises WrongProcessError instead, and its parts are never freed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any, ClassVar, NoReturn, ParamSpec, Self, TypeVar
from weakref import WeakSet

from .errors import WrongProcessError

P = ParamSpec("P")
Piece = TypeVar("Piece")
Result = TypeVar("Result")

_WAY_OUT = (
    "open the index in the child, and use nothing of ragtree in the parent before the fork; or start processes with "
    "multiprocessing's spawn; or share the index among processes with: ragtree serve-store FOLDER"
)


def after_fork(renew: Callable[[], object]) -> None:
    """Call `renew` in every forked child of this process. For objects that live as long as the process."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)


class ProcessBound:
    """Base class of objects that a forked child can neither use nor clean up.

    In the child every attribute raises WrongProcessError, except `close` and `release`, which do nothing: they may be
    called when the child leaves a `with` or `finally` block, but what they would close belongs to the parent.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:
        made = super().__new__(cls)
        _OBJECTS.add(made)
        return made

    def __reduce__(self) -> NoReturn:
        raise WrongProcessError(f"this {type(self).__name__} cannot be sent to another process; {_WAY_OUT}")

    def _leave_behind(self) -> None:
        """Called in the child, before the object is replaced."""

    @staticmethod
    def _do_nothing(*_: object, **__: object) -> object:
        """`close` and `release` in the child."""
        return None


def process_bound(
    make: Callable[P, Generator[Piece, None, Result]],
) -> Callable[P, Generator[Piece, None, Result]]:
    """Decorates a generator function, so that a forked child can neither continue nor close its generators."""

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Generator[Piece, None, Result]:
        generator = _guarded(make(*args, **kwargs), _Process.now)
        _GENERATORS.add(generator)
        return generator

    return made


class Library:
    """A library with its own threads. If the parent has used it, it deadlocks in a forked child."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._used = False
        self._is_lost = False
        after_fork(self._leave_behind)

    def use(self) -> None:
        """Call this before every use of the library. Raises WrongProcessError if it cannot be used here."""
        if self._is_lost:
            raise WrongProcessError(
                f"{self._name} cannot be used here: the process that this one was forked from has used it, and its "
                f"threads exist only there; {_WAY_OUT}"
            )
        self._used = True

    def _leave_behind(self) -> None:
        self._is_lost = self._is_lost or self._used


CHROMA = Library("Chroma")
PYTORCH = Library("PyTorch")
LLAMA_CPP = Library("llama.cpp")
SCIKIT_LEARN = Library("scikit-learn")


class _Process:
    """Identifies this process. Its number would not do, because the system reuses numbers."""

    now: ClassVar[object] = object()


_OBJECTS: WeakSet[ProcessBound] = WeakSet()
_GENERATORS: WeakSet[Generator[Any, None, Any]] = WeakSet()


def _inherited_attribute(one: ProcessBound, name: str) -> Any:
    """The attribute access of the parent's objects in the child."""
    if name.startswith("__"):  # what Python itself asks of every object
        return object.__getattribute__(one, name)
    if name in ("close", "release"):
        return type(one)._do_nothing
    return _refuse(type(one).__name__)


def _refuse_to_set(one: ProcessBound, name: str, value: object) -> None:
    _refuse(type(one).__name__)


def _refuse(what: str) -> NoReturn:
    raise WrongProcessError(
        f"this {what} belongs to the process that made it, from which this process was forked; {_WAY_OUT}"
    )


def _guarded(pieces: Generator[Piece, None, Result], process: object) -> Generator[Piece, None, Result]:
    try:
        while True:
            if _Process.now is not process:
                _refuse("iterator")
            try:
                piece = next(pieces)
            except StopIteration as end:
                result: Result = end.value
                return result
            yield piece
    finally:
        if _Process.now is process:
            pieces.close()
        else:
            _keep(pieces)


def _keep(one: object) -> None:
    """Never free an object, not even when Python exits: that would release what the parent still holds."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(one))


def _leave_all_behind() -> None:
    _Process.now = object()
    for generator in list(_GENERATORS):
        _keep(generator)
    for one in list(_OBJECTS):
        _keep(one)
        one._leave_behind()
        kind = type(one)
        refusing = {
            "__getattribute__": _inherited_attribute,
            "__setattr__": _refuse_to_set,
            "__module__": kind.__module__,
        }
        one.__class__ = type(kind.__name__, (kind,), refusing)
    _GENERATORS.clear()
    _OBJECTS.clear()


after_fork(_leave_all_behind)

"""A property whose value is made once, by the thread that asks for it first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar, overload

from .processes import after_fork

Value = TypeVar("Value")


class lazy_property(cached_property[Value]):  # noqa: N801 - it is used as a decorator
    """`cached_property` for a costly value, such as a model: threads that ask at the same time wait, and share it.

    From Python 3.12 on, the standard library's `cached_property` makes the value in each of these threads.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        super().__init__(make)
        self._renew()
        after_fork(self._renew)  # a thread that stayed in the parent may have held the lock

    def _renew(self) -> None:
        self._making = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | Value:
        with self._making:
            return super().__get__(instance, owner)

"""A costly value is made once, whichever threads ask for it first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ragtree.lazy import lazy_property

THREADS = 8


class Shop:
    """Makes a model when asked for it."""

    def __init__(self) -> None:
        self.made: list[object] = []
        self.open = threading.Event()
        self.open.set()

    @lazy_property
    def model(self) -> object:
        """A model."""
        self.open.wait()
        self.made.append(object())
        return self.made[-1]

    @lazy_property
    def desk(self) -> tuple[object]:
        return (self.model,)

    @lazy_property
    def broken(self) -> object:
        self.made.append(object())
        if len(self.made) == 1:
            raise OSError("the shop is closed")
        return self.made[-1]


def test_nothing_is_made_before_it_is_asked_for_and_then_once() -> None:
    shop = Shop()
    assert shop.made == []
    assert shop.model is shop.model
    assert len(shop.made) == 1


def test_threads_that_ask_at_once_get_the_same_one() -> None:
    shop = Shop()
    shop.open.clear()
    together = threading.Barrier(THREADS + 1)

    def ask(_: int) -> object:
        together.wait()
        return shop.model

    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(ask, number) for number in range(THREADS)]
        together.wait()
        shop.open.set()
        found = {id(one.result(timeout=10)) for one in asked}
    assert len(shop.made) == 1
    assert found == {id(shop.made[0])}


def test_one_may_be_made_of_another() -> None:
    shop = Shop()
    assert shop.desk == (shop.model,)


def test_every_object_has_its_own() -> None:
    assert Shop().model is not Shop().model


def test_what_fails_is_tried_again() -> None:
    shop = Shop()
    with pytest.raises(OSError, match="closed"):
        _ = shop.broken
    assert shop.broken is shop.broken
    assert len(shop.made) == 2


def test_of_the_class_it_is_itself() -> None:
    assert isinstance(Shop.model, lazy_property)
    assert Shop.model.__doc__ == "A model."

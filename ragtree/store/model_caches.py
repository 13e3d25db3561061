"""What models made, by key, so that nothing is paid for twice: vectors, summaries, contexts, answers, pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..types import Vectors
from . import kept_texts, vectors
from .connection import Connection


class ModelCaches(Connection):
    """The part of the catalog that holds what models made."""

    _lenders: tuple[ModelCaches, ...] = ()

    @contextmanager
    def borrowing(self, lenders: Sequence[ModelCaches]) -> Iterator[None]:
        """In the block, vectors, summaries and contexts that are missing here are copied from these catalogs.

        Their keys are hashes of all that they were made from, so none can tell anything of another text.
        """
        self._lenders = tuple(lenders)
        try:
            yield
        finally:
            self._lenders = ()

    def get_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors that exist, each of shape (dim,), by key."""
        found = self._read(vectors.get, keys)
        for lender in self._lenders:
            lent = lender.get_vectors([key for key in keys if key not in found])
            if lent:
                self.put_vectors(lent)
            found |= lent
        return found

    def put_vectors(self, rows: Mapping[bytes, Vectors]) -> None:
        """Store vectors, each of shape (dim,), by key."""
        with self.transaction(lasting=True) as db:
            vectors.put(db, rows)

    def get_summary(self, key: str) -> str | None:
        """A summary as it was stored, or None."""
        return self._read(kept_texts.get, "summaries", key)

    def borrowed_summary(self, key: str) -> str | None:
        """A summary as it was stored, here or in a catalog of `borrowing`, or None."""
        found = self.get_summary(key)
        for lender in self._lenders if found is None else ():
            found = lender.get_summary(key)
            if found is not None:
                self.put_summary(key, found)
                break
        return found

    def put_summary(self, key: str, summary: str) -> None:
        """Store a summary, or anything else that a model wrote about a group."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "summaries", key, summary)

    def put_summary_of(self, key: str, summary: str, answers: Collection[str]) -> None:
        """Store a summary, and delete the answers (by key) that it was made from. If a power failure undoes this, the
        summary can be made from them again."""
        with self.transaction() as db:
            kept_texts.put(db, "summaries", key, summary)
            kept_texts.drop(db, "answers", answers)

    def get_answer(self, key: str) -> str | None:
        """What a model answered for a summary that is not finished, or None."""
        return self._read(kept_texts.get, "answers", key)

    def put_answer(self, key: str, answer: str) -> None:
        """Store an answer until its summary is finished."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "answers", key, answer)

    def get_context(self, key: str) -> str | None:
        """The sentence that was written for a chunk; empty if it was rejected, None if none was asked for."""
        found = self._read(kept_texts.get, "contexts", key)
        for lender in self._lenders if found is None else ():
            found = lender.get_context(key)
            if found is not None:
                self.put_context(key, found)
                break
        return found

    def put_context(self, key: str, sentence: str) -> None:
        """Store the sentence of a chunk."""
        with self.transaction(lasting=True) as db:
            kept_texts.put(db, "contexts", key, sentence)

    def get_page(self, key: str) -> str | None:
        """The recognized text of a picture, or None."""
        return self._read(kept_texts.get, "pages", key)

    def put_page(self, key: str, page: str) -> None:
        """Store the recognized text of a picture."""
        with self.transaction() as db:
            kept_texts.put(db, "pages", key, page)

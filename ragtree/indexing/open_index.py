"""An open index: its parts, how they are opened and closed, and what a sync of it is made with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Self

from .. import model_names, models
from ..configuration import as_remembered, over_remembered, remembered_model
from ..embed.base import Embedder
from ..errors import IndexMismatchError, SettingsError, StoreError
from ..lazy import lazy_property
from ..llm.base import ChatModel
from ..processes import ProcessBound
from ..retrieve.search import Search
from ..settings import Settings
from ..store.access import IndexAccess
from ..store.base import NodeStore, WordIndex
from ..types import OnProgress, no_progress
from ..understand.kinds import RequestClassifier
from .builders import Models, make_builders, make_document_builders
from .figures import DescribedFigures
from .index_parts import files_of, index_folder, make_mirrors, opened_catalog
from .on_ray import OnRay
from .projecting import index_name, kept_projection
from .querying import TreeReader
from .question_priority import QuestionPriority
from .ray_worker import BuildOrder
from .request import SyncHooks, SyncRequest
from .spending import Spending, with_metering
from .sync import Sync
from .watching import Stoppable
from .workplace import Workplace


class OpenIndex(ProcessBound):
    """The parts of an index, which `RagTree` reads and changes. Large parts are loaded when first needed."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        embedder: Embedder | None,
        llm: ChatModel | None,
        read_only: bool = False,
    ) -> None:
        self.path = path
        self._access = IndexAccess(path, shared=bool(settings.store.url), read_only=read_only)
        try:
            self._files = files_of(path, read_only)
        except BaseException:
            self._access.release()
            raise
        try:
            self._catalog = opened_catalog(self._files, self._access)
            self.settings = over_remembered(self._catalog.facts().settings, settings)
            self._given_embedder = embedder
            self._given_llm = llm
            self._check_embedder()
        except BaseException:
            self._files.close()
            self._access.release()
            raise
        self._turn: AbstractContextManager[object] = threading.RLock()  # held by what writes
        self._mirrors = make_mirrors(self._files, self._catalog, self.settings, self._access)
        keeps = self._access.shared or self._files.keeps_vectors or not read_only
        self._reader = TreeReader(self._files, self._mirrors, keeps)
        self._watches: list[Stoppable] = []
        self._question_priority = QuestionPriority()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: str | Path,
        settings: Settings | None = None,
        *,
        create: bool = True,
        embedder: Embedder | None = None,
        llm: ChatModel | None = None,
        read_only: bool = False,
    ) -> Self:
        """Open the index in folder `path`, or make one if there is none.

        It belongs to this process alone, unless `store.url` names a Chroma server: then several processes may have it
        open, and one that changes it locks it meanwhile. The others find the change with their next query.

        With `read_only` nothing in it is changed, and the index has to exist. It may be in a place where nothing can be
        written, and another process may write to it meanwhile. Without a server, Chroma is not opened, and all vectors
        are compared.

        Settings that are not given are those that the index was made with. `embedder` and `llm` replace the
        models that the settings name. No model is loaded before it is needed.

        Raises IndexNotFoundError (if it may not be made), IndexLockedError, IndexMismatchError if the index was made
        with another embedder, IndexDamagedError. What needs Chroma raises IndexUnreachableError as well.
        """
        folder = index_folder(Path(path), create, read_only)
        return cls(folder, settings or Settings(), embedder, llm, read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End its watches, and close the files and the language model. Closing twice does no harm."""
        try:
            for watch in self._watches:
                watch.stop()
        finally:
            with self._turn:
                self._closed = True
                try:
                    self._mirrors.close()
                    if "llm" in self.__dict__ and self.llm is not None and self._given_llm is None:
                        self.llm.close()
                finally:
                    self._reader.close()
                    self._catalog.close()
                    self._files.close()
                    self._access.release()

    # --- what it is made of

    @lazy_property
    def embedder(self) -> Embedder:
        """The embedder. It loads with the first text."""
        llm = self.settings.llm
        return self._given_embedder or models.make_embedder(
            self.settings.embed, llm.timeout, llm.retries, self._known_embedder
        )

    @lazy_property
    def llm(self) -> ChatModel | None:
        """The language model, or None for `none`. It loads with the first question.

        Another one may be set at any time, and answers the next question. Whoever sets it closes the previous one.
        """
        return self._given_llm or models.make_chat_model(self.settings.llm, self._known_llm(self.settings))

    @lazy_property
    def _search(self) -> Search:
        return Search(
            self.embedder,
            self.settings,
            lambda language: model_names.knows_language(self.embedder.name, language),
            lambda: self.llm,
            lambda writer: models.make_reranker(self.settings.retrieve, self.embedder, writer),
            self._kinds.is_overview,
        )

    @lazy_property
    def _kinds(self) -> RequestClassifier:
        return RequestClassifier(self.settings.prompts)

    @property
    def _words(self) -> WordIndex:
        return self._mirrors.words

    @property
    def _store(self) -> NodeStore:
        self._check_open()
        return self._mirrors.store

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Within the block, only this thread of this process may change the index."""
        with self._turn:
            self._check_open()
            with self._access.writing() as fresh:
                if fresh:
                    self._mirrors.reload()  # now, and not after everything has been embedded
                yield

    @property
    def read_only(self) -> bool:
        """True if it was opened read-only."""
        return self._access.read_only

    def _check_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    def _closed_error(self) -> StoreError:
        return StoreError(f"the index {self.path} is closed; open it again with RagTree.open")

    def _model_name(self) -> str:
        given = self._given_embedder
        return (
            given.name if given is not None else self._known_embedder or model_names.embedder_name(self.settings.embed)
        )

    @lazy_property
    def _known_embedder(self) -> str:
        """The name under which the index knows the servers that embed; empty if it does not."""
        facts = self._catalog.facts()
        known = facts.embedder.partition(" ")[0] if model_names.is_server(facts.embedder) else ""
        return model_names.name_in_index(self.settings.embed.model, known, remembered_model(facts.settings, "embed"))

    def _known_llm(self, settings: Settings) -> str:
        """The same for the servers of the language model."""
        facts = self._catalog.facts()
        return model_names.name_in_index(settings.llm.model, facts.llm, remembered_model(facts.settings, "llm"))

    def _embedder_name(self) -> str:
        return index_name(self._model_name(), self.settings.embed, kept_projection(self._catalog))

    def _check_embedder(self) -> None:
        made_with, asked = self._catalog.facts().embedder, self._embedder_name()
        if made_with and not model_names.same_embedder(made_with, asked):
            self._catalog.close()
            raise IndexMismatchError(
                f"the index {self.path} was made with the embedder {made_with}, not with {asked}; "
                "leave out embed.* (or pass the same embedder=) to use it as it is, or name another --index"
            )

    # --- what a sync is made with

    def _sync(
        self,
        spending: Spending,
        settings_too: bool = True,
        refresh: bool = False,
        progress: OnProgress = no_progress,
        workplace: Workplace | None = None,
    ) -> Sync:
        """A sync with the current settings, or with `settings_too` false one with the settings that the index
        remembers, which leaves unfinished what it finds unfinished."""
        settings = self._settings_of_sync(settings_too)
        request = SyncRequest(
            settings=settings,
            builders=make_builders(settings, self._models(settings), self._catalog, spending),
            spending=spending,
            embedder=self._model_name(),
            llm=self._known_llm(settings) or model_names.server_name(settings.llm.model),
            refresh=refresh,
            unfinished=settings_too,
            progress=progress,
            workplace=workplace,
        )
        hooks = SyncHooks(before_commit=self._reader.prepare, after_commit=lambda: self._mirrors.follow(progress))
        return Sync(self._catalog, request, hooks)

    def _settings_of_sync(self, settings_too: bool) -> Settings:
        return self.settings if settings_too else as_remembered(self._catalog.facts().settings, self.settings)

    @contextmanager
    def _workplace(self, on: str, settings_too: bool, spending: Spending) -> Iterator[Workplace | None]:
        """Where a sync builds; None for this process. Within the block, Ray's workers may ask for the catalog."""
        if not on:
            yield None
            return
        if spending.limits_tokens:
            raise SettingsError(
                f"a budget of tokens cannot be kept by the workers of {on}; leave it out, or leave out on"
            )
        if self.settings.load.vision_model != "none":
            raise SettingsError(
                f"the workers of {on} cannot have pictures described; leave out on, or set load.vision_model to none"
            )
        settings = self._settings_of_sync(settings_too)
        given = self._models(settings)
        remembered = self._catalog.facts().settings
        order = BuildOrder(
            settings=settings,
            remembered=remembered,
            embedder=self._given_embedder,
            llm=self._given_llm,
            trusted=given.trusted,
            names=(self._known_embedder, self._known_llm(settings)),
            fingerprint=make_document_builders(settings, given, self._catalog, remembered).tree_fingerprint,
        )
        with closing(OnRay(on, self._catalog, spending.has_time, order)) as place:
            yield place

    def _figures(self, spending: Spending) -> DescribedFigures | None:
        """What describes pictures, if `load.vision_model` is set."""
        model = models.make_vision_model(self.settings)
        return (
            DescribedFigures(self._catalog, with_metering(model, spending), self.settings)
            if model is not None
            else None
        )

    def _models(self, settings: Settings) -> Models:
        def llm() -> ChatModel | None:
            same = self._given_llm is not None or settings.llm.model == self.settings.llm.model
            return self.llm if same else models.make_chat_model(settings.llm, self._known_llm(settings))

        trusted = self._given_llm is not None and self._given_llm.name != model_names.BUNDLED_CHAT_MODEL
        reader = models.make_span_embedder(settings.embed, self.embedder)
        return Models(self.embedder, reader, llm, trusted)

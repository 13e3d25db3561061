"""The part of a sync that runs in Ray's processes: actors that read files and build trees, and ask for the catalog.

Only the coordinator, the process that syncs, opens the catalog. A worker asks it for vectors and summaries, and hands
over what a model has answered as soon as it is there, so that a killed worker loses only the call in flight.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import models
from ..embed.base import Embedder
from ..errors import LoadError, ModelError, RagtreeError
from ..lazy import lazy_property
from ..llm.base import ChatModel
from ..load.endings import reading_packages
from ..load.pool import OneReader
from ..load.worker_process import PageRecognized
from ..reports import Skipped
from ..settings import LoadSettings, Settings
from ..types import Document, Vectors, no_progress
from .builders import DocumentBuilders, Models, make_document_builders
from .drafts import DocumentDraft
from .spending import Spending
from .workplace import Built, Counts


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something could not be done: errors travel as text, because not every error can be sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class CatalogCall:
    """A call of one of the catalog's methods."""

    id: str
    method: str
    arguments: tuple[Any, ...]


class Mailbox:
    """An actor in which workers leave questions about the catalog, and the coordinator its answers."""

    def __init__(self) -> None:
        self._questions: asyncio.Queue[CatalogCall | None] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    async def ask(self, method: str, arguments: tuple[Any, ...]) -> Any:
        """Wait for the coordinator's answer."""
        # A restarted mailbox may still get answers to questions that it does not know any more: ids do not repeat.
        question = CatalogCall(secrets.token_hex(8), method, arguments)
        answer = self._waiting[question.id] = asyncio.get_running_loop().create_future()
        self._questions.put_nowait(question)
        return await answer

    async def questions(self) -> list[CatalogCall]:
        """Wait for a question, and return all that there are; none after `stop`."""
        found = [await self._questions.get()]
        while not self._questions.empty():
            found.append(self._questions.get_nowait())
        return [question for question in found if question is not None]

    async def stop(self) -> None:
        """Let the coordinator stop waiting."""
        self._questions.put_nowait(None)

    async def answer(self, answers: Sequence[tuple[str, Any]]) -> None:
        """Pass on the coordinator's answers, by the ids of the questions."""
        for key, value in answers:
            waiting = self._waiting.pop(key, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(value)


class _Coordinator:
    """Calls methods of the coordinator through the mailbox."""

    def __init__(self, mailbox: str) -> None:
        """`mailbox` is the name of the actor."""
        self._name = mailbox

    @lazy_property
    def _mailbox(self) -> Any:
        import ray

        return ray.get_actor(self._name)

    def call(self, method: str, *arguments: Any) -> Any:
        """Raises ModelError if the coordinator cannot answer, such as with a damaged catalog."""
        import ray

        answer = ray.get(self._mailbox.ask.remote(method, arguments))
        if isinstance(answer, Refused):
            raise ModelError(answer.reason)
        return answer


class _CatalogElsewhere:
    """The caches of the coordinator's catalog (`TreeCaches`). What was found in one batch is not asked for again."""

    def __init__(self, coordinator: _Coordinator) -> None:
        self._call = coordinator.call
        self._summaries: dict[tuple[str, str], str | None] = {}

    def begin(self) -> None:
        """Forget what was found for earlier documents."""
        self._summaries.clear()

    def get_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        return self._call("get_vectors", list(keys)) if keys else {}

    def borrowed_summary(self, key: str) -> str | None:
        return self._summary("borrowed_summary", key)

    def get_summary(self, key: str) -> str | None:
        return self._summary("get_summary", key)

    def _summary(self, method: str, key: str) -> str | None:
        if (method, key) not in self._summaries:
            self._summaries[method, key] = self._call(method, key)
        return self._summaries[method, key]

    def put_summary(self, key: str, summary: str) -> None:
        self._call("put_summary", key, summary)
        self._remember(key, summary)

    def put_summary_of(self, key: str, summary: str, answers: Collection[str]) -> None:
        self._call("put_summary_of", key, summary, list(answers))
        self._remember(key, summary)

    def _remember(self, key: str, summary: str) -> None:
        self._summaries["borrowed_summary", key] = self._summaries["get_summary", key] = summary

    def get_answer(self, key: str) -> str | None:
        found: str | None = self._call("get_answer", key)
        return found

    def put_answer(self, key: str, answer: str) -> None:
        self._call("put_answer", key, answer)


class _PagesElsewhere:
    """The recognized texts of pictures in the coordinator's catalog (`PageCache`)."""

    def __init__(self, coordinator: _Coordinator) -> None:
        self._call = coordinator.call

    def get(self, key: str) -> str:
        return str(self._call("get_page", key))

    def put(self, key: str, page: str) -> None:
        self._call("put_page", key, page)

    def has_time(self) -> bool:
        return bool(self._call("has_time"))


class ReadingActor:
    """Parses files in a process of its own, as on the coordinator's machine."""

    def __init__(self, mailbox: str) -> None:
        self._reader = OneReader(_PagesElsewhere(_Coordinator(mailbox)))

    def read(
        self, data: bytes, source: str, limits: LoadSettings, packages: str
    ) -> list[Document | Skipped | PageRecognized] | Refused:
        """Everything in a file; Refused if no process could be started, or if other packages than the coordinator's
        `packages` (`reading_packages`) would read it."""
        try:
            if (found := reading_packages(source)) != packages:
                return Refused(f"a worker of Ray has {found or 'no package'} to read it, and not {packages or 'none'}")
            return list(self._reader.read(data, source, limits))
        except RagtreeError as error:
            return Refused(error.reason if isinstance(error, LoadError) else str(error))


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What a worker needs to build the same trees as the coordinator would."""

    settings: Settings
    remembered: str
    """The settings that the index stored."""
    embedder: Embedder | None
    """An embedder that the application made; None for the one that the settings name."""
    llm: ChatModel | None
    trusted: bool
    names: tuple[str, str]
    """The names under which the index knows the servers that embed and write; empty for others."""
    fingerprint: str
    """The `tree_fingerprint` of the coordinator's builders."""


class BuildingActor:
    """Embeds and summarizes documents, and builds their trees. It loads its models with the first document."""

    def __init__(self, order: BuildOrder, mailbox: str) -> None:
        self._order = order
        self._caches = _CatalogElsewhere(_Coordinator(mailbox))
        self._spending = Spending()
        self._told = Counts()
        """What the coordinator knows of: what a batch without trees has cost is told with the next one."""

    def build(self, drafts: Sequence[DocumentDraft]) -> Built | Refused:
        """The trees of a batch, or why there are none."""
        try:
            builders = self._builders
            self._caches.begin()
            builders.vectors.embed_chunks(drafts, no_progress)
            trees = builders.trees.build(drafts)
        except RagtreeError as error:
            return Refused(str(error))
        before, self._told = self._told, self._counts()
        return Built(trees, _difference(self._told, before))

    @lazy_property
    def _builders(self) -> DocumentBuilders:
        order, settings = self._order, self._order.settings
        embed, write = order.names
        embedder = order.embedder or models.make_embedder(
            settings.embed, settings.llm.timeout, settings.llm.retries, embed
        )
        make = partial(models.make_chat_model, settings.llm, write)
        given = Models(
            embedder,
            models.make_span_embedder(settings.embed, embedder),
            (lambda: order.llm) if order.llm is not None else make,
            order.trusted,
        )
        counted = given.counted(self._spending)
        builders = make_document_builders(settings, counted, self._caches, order.remembered)
        if builders.tree_fingerprint != order.fingerprint:
            raise ModelError(
                "a worker of Ray would build other trees than this process, because its ragtree, its models or its "
                "prompts differ; install the same ones on all machines"
            )
        return builders

    def _counts(self) -> Counts:
        vectors, summarizer, spending = self._builders.vectors, self._builders.summarizer, self._spending
        return Counts(
            embedded=vectors.embedded,
            cut_texts=vectors.cut_texts,
            summarized=summarizer.summarized,
            unwritten=summarizer.unwritten,
            left_out=summarizer.left_out,
            calls=spending.calls,
            prompt_tokens=spending.prompt_tokens,
            answer_tokens=spending.answer_tokens,
        )


def _difference(after: Counts, before: Counts) -> Counts:
    return Counts(
        embedded=after.embedded - before.embedded,
        cut_texts=after.cut_texts - before.cut_texts,
        summarized=after.summarized - before.summarized,
        unwritten=after.unwritten - before.unwritten,
        left_out=after.left_out - before.left_out,
        calls=after.calls - before.calls,
        prompt_tokens=after.prompt_tokens - before.prompt_tokens,
        answer_tokens=after.answer_tokens - before.answer_tokens,
    )

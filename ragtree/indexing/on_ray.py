"""Ray as the place where documents are read and their trees are built: `local`, or a cluster at `ray://host:10001`.

The process that syncs is the coordinator: it sends files and chunks, gets trees, and alone writes the catalog and the
mirrors. Workers are actors, which Ray starts again when they die; what they were working on is repeated.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import secrets
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import LoadError, MissingExtraError, ModelError, SettingsError, WorkersError
from ..lazy import lazy_property
from ..load.endings import reading_packages
from ..load.pool import FileReader
from ..load.recognition.page_cache import PageCache
from ..load.worker_process import PageRecognized
from ..reports import Skipped
from ..settings import LoadSettings
from ..stopping import check_wanted
from ..store.catalog import Catalog
from ..types import Document, OnProgress, Progress
from .drafts import DocumentDraft
from .ray_worker import BuildingActor, BuildOrder, CatalogCall, Mailbox, ReadingActor, Refused
from .workplace import Built

logger = logging.getLogger(__name__)

LOCAL = "local"
_CLUSTER = "ray://"
_TRIES = 3
"""How often a batch is given to workers before its documents count as failed."""
_MOST_READERS = 64
"""Each has a thread here that sends files."""
_LOOK_SECONDS = 0.5
_CLOSE_SECONDS = 10.0
_ADVICE = (
    "is its head started, is this the port of Ray's client (ray start --ray-client-server-port), and does this process "
    "have its token (RAY_AUTH_MODE, RAY_AUTH_TOKEN)?"
)
_SETTINGS_OF_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}
"""Variables for Ray, and for the processes that it starts here. No statistics are sent, and nothing is printed: what
Ray says of its workers would come on standard output."""


class OnRay:
    """A Workplace on Ray. It connects when there is something to do; close it in the end."""

    def __init__(self, where: str, catalog: Catalog, has_time: Callable[[], bool], order: BuildOrder) -> None:
        """`has_time` returns whether more pictures may be recognized.

        Raises SettingsError for an address in another form, and MissingExtraError.
        """
        if where != LOCAL and not (where.startswith(_CLUSTER) and where.removeprefix(_CLUSTER).strip("/")):
            raise SettingsError(f"{where!r} is no place to build on; wanted is local or ray://host:10001")
        if importlib.util.find_spec("ray") is None:
            raise MissingExtraError("Ray, which builds on other machines,", "ray")
        self._where = where
        self._order = order
        self._answers: Mapping[str, Callable[..., Any]] = {
            "get_vectors": catalog.get_vectors,
            "borrowed_summary": catalog.borrowed_summary,
            "get_summary": catalog.get_summary,
            "put_summary": catalog.put_summary,
            "put_summary_of": catalog.put_summary_of,
            "get_answer": catalog.get_answer,
            "put_answer": catalog.put_answer,
            "has_time": has_time,
        }
        self._ours = False
        self._actors: list[Any] = []
        """The mailbox comes first."""
        self._answering: threading.Thread | None = None
        self._failure = ""
        """Why it ended."""
        self._closed = threading.Event()

    # --- what it does

    @property
    def at_once(self) -> int:
        return len(self._builders)

    def build(self, drafts: Sequence[DocumentDraft], progress: OnProgress) -> Callable[[], Built]:
        sent = self._sent(drafts)
        chunks = sum(len(draft.chunks) for draft in drafts)

        def built() -> Built:
            found = self._result(sent, drafts)
            if isinstance(found, Refused):
                raise ModelError(found.reason)
            progress(Progress("embed", chunks, chunks))
            return found

        return built

    def readers(self, pages: PageCache) -> Sequence[FileReader]:
        self._answers = {**self._answers, "get_page": pages.get, "put_page": pages.put}
        make = self._remote(ReadingActor, num_cpus=0, scheduling_strategy="SPREAD")
        actors = [self._kept(make.remote(self._mailbox)) for _ in range(min(self._cpus, _MOST_READERS))]
        return [_ReaderElsewhere(self._ray, actor, self._awaited) for actor in actors]

    def close(self) -> None:
        """End the workers, and Ray, if it was started for this. Closing twice does no harm."""
        self._closed.set()
        if "_ray" not in self.__dict__:
            return
        with suppress(self._ray.exceptions.RayError, ConnectionError):  # such as a cluster that is gone
            if self._answering is not None and self._actors:  # what waits when Ray ends is logged as an error
                self._actors[0].stop.remote()
                self._answering.join(_CLOSE_SECONDS)
            for actor in self._actors if not self._ours else ():
                self._ray.kill(actor)
        self._actors.clear()
        if self._ours:
            self._ray.shutdown()

    # --- batches

    def _sent(self, drafts: Sequence[DocumentDraft]) -> tuple[Any, _Builder]:
        worker = min(self._builders, key=lambda one: one.waiting)
        worker.waiting += 1
        return worker.actor.build.remote(drafts), worker

    def _result(self, sent: tuple[Any, _Builder], drafts: Sequence[DocumentDraft]) -> Built | Refused:
        """The result of a batch. Building changes nothing, so it may be repeated after a worker or its result is lost
        for good."""
        for left in reversed(range(_TRIES)):
            reference, worker = sent
            try:
                found: Built | Refused = self._awaited(reference)
            except (self._ray.exceptions.RayError, ConnectionError) as error:
                logger.info("a batch on Ray was lost (%s)", _line(error))
                if not left:
                    names = ", ".join(draft.id for draft in drafts[:3])
                    raise ModelError(
                        f"Ray lost the worker {_TRIES} times that built {names} ({_line(error)}); see the logs of Ray, "
                        "and whether its machines have enough memory"
                    ) from None
                sent = self._sent(drafts)
            else:
                return found
            finally:
                worker.waiting -= 1
        raise AssertionError("the last try returns or raises")

    def _awaited(self, reference: Any) -> Any:
        """What an actor returns. Raises WorkersError if it may wait for an answer that nobody gives any more."""
        while not self._ray.wait([reference], timeout=_LOOK_SECONDS)[0]:
            check_wanted()
            if self._answering is not None and not self._answering.is_alive() and not self._closed.is_set():
                raise WorkersError(
                    f"the workers on {self._where} get no answers from the catalog any more: {self._failure}; index "
                    "again, which goes on from here"
                )
        return self._ray.get(reference)

    # --- Ray

    @lazy_property
    def _ray(self) -> Any:
        """The module, connected. Raises WorkersError."""
        with _variables(_SETTINGS_OF_RAY):
            ray: Any = importlib.import_module("ray")
        if ray.is_initialized():  # by the application
            return ray
        local = self._where == LOCAL
        more = {"include_dashboard": False} if local else {}
        try:
            with _variables(_SETTINGS_OF_RAY), warnings.catch_warnings(action="ignore"):
                ray.init(address=self._where, log_to_driver=False, logging_level=logging.ERROR, **more)
        except (ConnectionError, RuntimeError, ValueError, OSError, TimeoutError) as error:
            advice = "is there enough memory?" if local else _ADVICE
            raise WorkersError(f"Ray at {self._where} cannot be used: {_line(error)}; {advice}") from None
        self._ours = True
        return ray

    @lazy_property
    def _cpus(self) -> int:
        """Cores that Ray has free."""
        return max(1, int(self._ray.available_resources().get("CPU", 1)))

    @lazy_property
    def _builders(self) -> list[_Builder]:
        """A worker for every GPU; without one, for every core."""
        gpus = int(self._ray.available_resources().get("GPU", 0))
        make = self._remote(BuildingActor, num_cpus=1, num_gpus=1 if gpus else 0)
        count = gpus or self._cpus
        return [_Builder(self._kept(make.remote(self._order, self._mailbox))) for _ in range(count)]

    @lazy_property
    def _mailbox(self) -> str:
        """The name of the mailbox. (A handle in the arguments of an actor that is started again is not kept by Ray.)"""
        name = f"ragtree-{secrets.token_hex(8)}"
        mailbox = self._remote(Mailbox, name=name, num_cpus=0, max_task_retries=-1).remote()
        self._actors.insert(0, mailbox)
        self._answering = threading.Thread(target=self._answer, args=(mailbox,), daemon=True)
        self._answering.start()
        return name

    def _remote(self, kind: type, **options: Any) -> Any:
        """An actor class, whose actors are started again, and repeat what they were working on."""
        return self._ray.remote(kind).options(**{"max_restarts": -1, "max_task_retries": _TRIES - 1, **options})

    def _kept(self, actor: Any) -> Any:
        self._actors.append(actor)
        return actor

    def _answer(self, mailbox: Any) -> None:
        """Answer the workers' questions about the catalog, until everything is closed."""
        while not self._closed.is_set():
            try:
                questions = self._ray.get(mailbox.questions.remote())
                if questions:
                    mailbox.answer.remote([(question.id, self._answered(question)) for question in questions])
            except Exception as error:  # noqa: BLE001 - Ray raises many kinds at its end, and this is a thread's edge
                self._failure = _line(error)
                if not self._closed.is_set():
                    logger.warning("workers of Ray cannot reach the catalog any more: %s", self._failure)
                return

    def _answered(self, question: CatalogCall) -> Any:
        try:
            return self._answers[question.method](*question.arguments)
        except Exception as error:  # noqa: BLE001 - the worker that asked raises it
            return Refused(_line(error))


class _Builder:
    """An actor that builds, and how many batches it has."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.waiting = 0


class _ReaderElsewhere:
    """A FileReader whose files are parsed by an actor."""

    def __init__(self, ray: Any, actor: Any, awaited: Callable[[Any], Any]) -> None:
        """`awaited` returns what an actor returns, and raises WorkersError if that cannot come any more."""
        self._ray = ray
        self._actor = actor
        self._awaited = awaited

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Iterator[Document | Skipped | PageRecognized]:
        try:
            found = self._awaited(self._actor.read.remote(data, source, limits, reading_packages(source)))
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            raise LoadError(source, f"the worker of Ray that read it was lost ({_line(error)})") from None
        if isinstance(found, Refused):
            raise LoadError(source, found.reason)
        yield from found

    def close(self) -> None:
        self._ray.kill(self._actor)


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment in the block, for the processes that are started there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _line(error: BaseException) -> str:
    """What an error says, in one line: the first and the last of its lines, between which Ray puts a traceback."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return " ".join(dict.fromkeys((lines[0].strip()[:200], lines[-1].strip()[:200])))

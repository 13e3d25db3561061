"""The methods of `RagTree` that publish an index, and open one that was published."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Self

from ..embed.base import Embedder
from ..errors import PublishedError, SettingsError
from ..indexing.open_index import OpenIndex
from ..llm.base import ChatModel
from ..model_names import is_included, is_server
from ..settings import Settings
from ..types import OnProgress, no_progress
from .bucket import store_at
from .copies import LocalCopy
from .following import EVERY, Following
from .publishing import GRACE, PublishReport, publish

logger = logging.getLogger(__name__)


class Published(OpenIndex):
    """The part of `RagTree` that publishes an index, and opens one that was published elsewhere."""

    def publish(
        self,
        place: str | Path,
        progress: OnProgress = no_progress,
        *,
        grace: float = GRACE,
        purge: bool = False,
    ) -> PublishReport:
        """Publish the index at `place`: a folder, or an address such as `s3://bucket/prefix`.

        Only what the place does not have yet is uploaded. Readers (`open_published`) see the new snapshot as soon as it
        is complete, and never a part of it. Snapshots that were replaced more than `grace` seconds ago are removed;
        with `purge`, all but the newest, with every byte that only they had. Another process may be writing the index.

        Raises PublishedError if the place cannot be used or holds another index, IndexLockedError if another process is
        publishing this index, and MissingExtraError if the place is a bucket and obstore is not installed.
        """
        self._check_open()
        return publish(self.path, store_at(place), grace, purge, progress)

    @classmethod
    def open_published(
        cls,
        place: str | Path,
        copy: str | Path,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        llm: ChatModel | None = None,
        every: float | None = EVERY,
        progress: OnProgress = no_progress,
    ) -> Self:
        """Open the newest snapshot that was published at `place`, read-only, and follow the next ones.

        `copy` is a folder of this machine for the local copy; processes may share it. Every `every` seconds a thread
        looks for a newer snapshot and fetches what has changed; with None nothing does. Questions that are being
        answered then keep theirs, and the next ones get the new one. If the place cannot be reached, what is in `copy`
        is used.

        The place is not trusted: everything is compared with its hash, and a model that the snapshot names, other than
        a bundled one, is not used unless `settings` name it, too. Raises SettingsError in that case, PublishedError if
        nothing usable is published, and what `open` raises.
        """
        local = LocalCopy(Path(copy), store_at(place))
        try:
            local.first(progress)
        except PublishedError as error:
            if not local.current:
                raise
            logger.warning("%s; the last snapshot that was fetched is used", error)
        tree = cls.open(copy, settings, embedder=embedder, llm=llm, read_only=True)
        try:
            tree._check_models(settings or Settings())
            if every is not None:
                tree._watches.append(Following(local, every, tree._read_vectors))
        except BaseException:
            tree.close()
            raise
        return tree

    @property
    def following(self) -> Following | None:
        """What keeps an index that was opened with `open_published` up to date."""
        return next((one for one in self._watches if isinstance(one, Following)), None)

    def _check_models(self, told: Settings) -> None:
        """Raise SettingsError for a model that only the snapshot names, which anybody may have written: a server, or
        files that would be fetched, or read from a path, which may lead to a file of the snapshot."""
        for stage, setting, given, option in (
            ("llm", "model", self._given_llm, "--llm "),
            ("embed", "model", self._given_embedder, "--embedder "),
            ("retrieve", "rerank", None, "--set retrieve.rerank="),
        ):
            name = getattr(getattr(self.settings, stage), setting)
            if given is None and not is_included(name) and setting not in getattr(told, stage).model_fields_set:
                kind, danger = "model", "would be fetched or read"
                if is_server(name):
                    kind, danger = "server", "would get your questions and your key"
                raise SettingsError(
                    f"the published index names the {kind} {name} as {stage}.{setting}, which {danger}; if you trust "
                    f"it, name it as well: {option}{name}"
                )

    def _read_vectors(self) -> None:
        """Read the vectors of a new state now, so that the next question does not wait for it."""
        with self._reader.reading() as snapshot:
            _ = snapshot.table.vectors

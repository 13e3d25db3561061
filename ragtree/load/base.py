"""The interfaces of sources (where files come from) and loaders (the bytes of one format -> text with locations)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Block, Mark, Scalar


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a file, and where its parts are in the original."""

    text: str
    title: str = ""
    marks: tuple[Mark, ...] = ()
    lines: bool = False
    """True if `text` is the file's own text, so that its lines are the file's lines."""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    """The elements of the layout, for formats that have one (see Document)."""
    notices: tuple[str, ...] = ()
    """What the reader reports about the file, such as parts that it did not read (see format_contents.py)."""


class GoneError(LoadError):
    """The source says for certain that it has no such file any more. What is known of it leaves the index."""


class UnchangedError(Exception):
    """The source says that the file is as its known tag tells, and has not sent it again."""


class Content(Protocol):
    """What a file's bytes are read from. A `Path` is one."""

    def read_bytes(self) -> bytes:
        """All of them. Raises OSError or LoadError, whose message is shown to the user; GoneError and UnchangedError.
        Called in several threads."""
        ...


@runtime_checkable
class AnsweredContent(Content, Protocol):
    """A content that comes with facts about it, as a web server's answer does."""

    def answered(self, entry: FileEntry) -> FileEntry:
        """The entry with what the answer told: size, time, tag and ending. The same entry before it was read."""
        ...


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a source, as it is listed."""

    id: str
    """Path relative to the folder, with forward slashes."""
    path: Content
    size: int
    modified: int
    """Modification time in nanoseconds, limited to 64 bits (years 1677 to 2262)."""
    tag: str = ""
    """What the source tells of the content: if it is equal, the bytes are, too, and are not read again. Empty if the
    source tells nothing; then size and time count."""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    """What the source knows of the file. What the file itself says under the same keys goes first."""
    ending: str = ""
    """What to put behind the name to choose the reader, if the name does not end as its format does: `.html`."""

    @property
    def answered(self) -> FileEntry:
        """The entry with what is known after reading."""
        return self.path.answered(self) if isinstance(self.path, AnsweredContent) else self


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source."""

    entries: tuple[FileEntry, ...]
    """Sorted by id."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """How many files and folders are left out, by reason. A folder counts as one, whatever is in it."""


class Source(Protocol):
    """A folder, or something like one: a bucket, a repository. A package can add its own by an entry point in the group
    `ragtree.sources`, whose name is the scheme of the addresses, and which is called with an address."""

    address: str
    """For messages: it holds no secret."""

    def files(self) -> Listing:
        """The files that there are now. What is not listed leaves the index.

        Raises NothingToIndexError if there is no such place, and StoreError if it cannot be reached.
        """
        ...


@runtime_checkable
class FollowingSource(Source, Protocol):
    """A source that asks only for what has changed."""

    def files_since(self, tags: Mapping[str, str]) -> Listing:
        """As `files`. `tags` are those of the files whose content the index has, by id. For these, and no others, a
        content may raise UnchangedError."""
        ...


class Loader(Protocol):
    """Reads one family of formats. A package can add its own by an entry point in the group `ragtree.loaders`, whose
    name is the ending of the files without its dot, and which is called with nothing."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """Read the bytes of the file `source`. Raises LoadError, whose reason is shown to the user.

        The caller turns any other exception except MemoryError into a LoadError. Loaders run in a process (worker.py)
        that may not write files, start programs or reach the network, and that is ended if it takes too long or too
        much memory. Only small text files are read in the parent process (pool.py).
        """
        ...

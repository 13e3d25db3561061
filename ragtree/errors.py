"""Every error that ragtree raises on purpose.

    RagtreeError
    ├── SettingsError          a setting, variable or flag has a value that cannot be used
    ├── MissingExtraError      a package of an optional extra is not installed
    ├── PromptError            a prompt template is missing or has the wrong fields
    ├── LoadError              one document could not be read (the rest goes on)
    ├── NothingToIndexError    no document at all could be read
    ├── QueryError             a question or query that cannot be asked
    │   ├── NotFoundError          it names a document or a node that is not there
    │   └── ContextOverflowError   it does not fit the model's context
    ├── DatasetError           a dataset, a file of questions or a run to compare cannot be used
    ├── ModelError             a model could not be found, loaded or reached
    ├── AnswerError            a model did not give an answer in the form that was asked for
    ├── BudgetError            a call would cost more than is left (a sync catches it, and writes what is free)
    ├── WorkersError           the machines that were to build an index cannot be used
    ├── WrongProcessError      an object is used in another process than the one that made it
    └── StoreError             the index on disk cannot be used
        ├── IndexNotFoundError     there is none, and none was to be created
        ├── IndexMismatchError     it was made with another embedder or format
        ├── IndexLockedError       another process holds it
        ├── IndexUnreachableError  the Chroma server that holds it does not answer, or is another one
        ├── IndexDamagedError      it cannot be read
        └── PublishedError         a bucket or a folder cannot be used, or what is published there

A message says in one line what came, what was wanted, and what to do next.
"""


class RagtreeError(Exception):
    """Base of all errors raised on purpose."""


class SettingsError(RagtreeError):
    """A setting has a name or a value that cannot be used."""


class MissingExtraError(RagtreeError):
    """A package of an optional extra is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed; install it with: pip install 'ragtree[{extra}]'")
        self.extra = extra


class PromptError(RagtreeError):
    """A prompt template is missing or does not have the fields that its use needs."""


class LoadError(RagtreeError):
    """One document could not be read; `reason` is a short phrase for a list."""

    def __init__(self, source: str, reason: str) -> None:
        self.reason = " ".join(reason.split())  # messages of parsers may have several lines
        self.source = source
        super().__init__(f"{source}: {self.reason}")


class NothingToIndexError(RagtreeError):
    """No document could be read, so there is nothing to index."""


class QueryError(RagtreeError):
    """A question or a query that cannot be asked."""


class NotFoundError(QueryError):
    """There is no document or node with the id that was asked for."""


class ContextOverflowError(QueryError):
    """The question does not fit the model's context."""


class DatasetError(RagtreeError):
    """A dataset, a file of questions or an evaluation's run cannot be used as it is."""


class ModelError(RagtreeError):
    """A model could not be found, loaded or reached."""


class AnswerError(RagtreeError):
    """An answer could not be made in the form that was asked for (`schema`)."""


class BudgetError(RagtreeError):
    """A call to the language model would cost more than is left of the budget."""


class WorkersError(RagtreeError):
    """The machines that were to build an index (`on`) cannot be reached, or do not fit this one."""


class WrongProcessError(RagtreeError):
    """An object was used in a fork of the process that made it, or was sent to another process."""


class StoreError(RagtreeError):
    """The index on disk cannot be used as it is."""


class IndexNotFoundError(StoreError):
    """There is no index at that place."""


class IndexMismatchError(StoreError):
    """The index was made with another embedder, dimension or format version."""


class IndexLockedError(StoreError):
    """Another process holds the index."""


class IndexUnreachableError(StoreError):
    """The Chroma server of the index does not answer, has another version, or holds another index."""


class IndexDamagedError(StoreError):
    """A file of the index cannot be read."""


class PublishedError(StoreError):
    """A bucket or a folder cannot be used, or what is published there."""

"""ragtree: a tree of summaries over your documents, and answers that can be traced to their sources.

This module lists every public name. A name is imported when it is first used, so `import ragtree` costs next to
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answer.chat import Chat
    from .async_parts import AsyncChat, AsyncWatching
    from .asynchronous import AsyncRagTree
    from .embed.base import Embedder
    from .errors import (
        AnswerError,
        BudgetError,
        ContextOverflowError,
        DatasetError,
        IndexDamagedError,
        IndexLockedError,
        IndexMismatchError,
        IndexNotFoundError,
        IndexUnreachableError,
        LoadError,
        MissingExtraError,
        ModelError,
        NotFoundError,
        NothingToIndexError,
        PromptError,
        PublishedError,
        QueryError,
        RagtreeError,
        SettingsError,
        StoreError,
        WorkersError,
        WrongProcessError,
    )
    from .gather.base import DocumentEntry, OutlineEntry
    from .indexing.copying import Selection
    from .indexing.watching import Watching
    from .llm.base import ChatModel, Message, StructuredChatModel
    from .publish.following import Following
    from .publish.publishing import PublishReport
    from .reports import Budget, Notice, Plan, Skipped, Stats, SyncReport
    from .retrieve.exhaustive.survey import SurveyCost
    from .settings import Settings
    from .store.since import History, SummaryChange
    from .surveys import Item, Survey
    from .tree import RagTree
    from .types import (
        Answer,
        Block,
        Box,
        Citation,
        Claim,
        Document,
        Evidence,
        Hit,
        Location,
        Mark,
        Node,
        Place,
        Progress,
        Span,
        Step,
        StructuredAnswer,
        Usage,
    )
    from .upkeep.reports import PurgeReport, SalvageReport

__version__ = "0.1.0"

_HOMES = {
    # the main object
    "tree": ("RagTree",),
    "asynchronous": ("AsyncRagTree",),
    "settings": ("Settings",),
    # value types
    "types": (
        "Document", "Span", "Location", "Mark", "Block", "Box",
        "Node", "Claim", "Evidence",
        "Hit", "Citation", "Place", "Answer", "StructuredAnswer", "Usage", "Step",
        "Progress",
    ),
    "reports": ("Plan", "Budget", "SyncReport", "Skipped", "Notice", "Stats"),
    "publish.publishing": ("PublishReport",),
    "publish.following": ("Following",),
    "upkeep.reports": ("PurgeReport", "SalvageReport"),
    "store.since": ("History", "SummaryChange"),
    "indexing.watching": ("Watching",),
    "indexing.copying": ("Selection",),
    # what an application can provide
    "embed.base": ("Embedder",),
    "llm.base": ("ChatModel", "StructuredChatModel", "Message"),
    # what methods return
    "answer.chat": ("Chat",),
    "async_parts": ("AsyncChat", "AsyncWatching"),
    "retrieve.exhaustive.survey": ("SurveyCost",),
    "surveys": ("Survey", "Item"),
    "gather.base": ("OutlineEntry", "DocumentEntry"),
    # errors
    "errors": (
        "RagtreeError", "SettingsError", "MissingExtraError", "PromptError", "LoadError", "NothingToIndexError",
        "QueryError", "NotFoundError", "ContextOverflowError", "DatasetError", "ModelError", "AnswerError",
        "BudgetError", "WorkersError", "WrongProcessError", "StoreError",
        "IndexNotFoundError", "IndexMismatchError", "IndexLockedError", "IndexUnreachableError",
        "IndexDamagedError", "PublishedError",
    ),
}  # fmt: skip

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "AnswerError",
    "AsyncChat",
    "AsyncRagTree",
    "AsyncWatching",
    "Block",
    "Box",
    "Budget",
    "BudgetError",
    "Chat",
    "ChatModel",
    "Citation",
    "Claim",
    "ContextOverflowError",
    "DatasetError",
    "Document",
    "DocumentEntry",
    "Embedder",
    "Evidence",
    "Following",
    "History",
    "Hit",
    "IndexDamagedError",
    "IndexLockedError",
    "IndexMismatchError",
    "IndexNotFoundError",
    "IndexUnreachableError",
    "Item",
    "LoadError",
    "Location",
    "Mark",
    "Message",
    "MissingExtraError",
    "ModelError",
    "Node",
    "NotFoundError",
    "NothingToIndexError",
    "Notice",
    "OutlineEntry",
    "Place",
    "Plan",
    "Progress",
    "PromptError",
    "PublishReport",
    "PublishedError",
    "PurgeReport",
    "QueryError",
    "RagTree",
    "RagtreeError",
    "SalvageReport",
    "Selection",
    "Settings",
    "SettingsError",
    "Skipped",
    "Span",
    "Stats",
    "Step",
    "StoreError",
    "StructuredAnswer",
    "StructuredChatModel",
    "SummaryChange",
    "Survey",
    "SurveyCost",
    "SyncReport",
    "Usage",
    "Watching",
    "WorkersError",
    "WrongProcessError",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'ragtree' has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

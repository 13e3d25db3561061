"""Does it work, and does the tree help? Datasets, measures, paired comparisons, and questions made from a folder.

The names below are the public ones; a name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Dataset, Place, Proof, Question
    from .conclusions import verdict
    from .datasets.questions import read_questions
    from .datasets.registry import open_dataset
    from .embedders import compare_embedders
    from .evaluation import evaluate
    from .folder_comparison import compare_folder
    from .making.questions import make_questions
    from .markdown_report import contrast_table, kind_table, measure_table, to_markdown
    from .report import Report, read_report
    from .report_comparison import compare_reports
    from .significance import compare, holm, interval

_HOMES = {
    # data
    "base": ("Dataset", "Question", "Proof", "Place"),
    "datasets.registry": ("open_dataset",),
    "datasets.questions": ("read_questions",),
    "making.questions": ("make_questions",),
    # a dataset over a grid
    "evaluation": ("evaluate",),
    "report": ("Report", "read_report"),
    "report_comparison": ("compare_reports",),
    # a folder of your own
    "folder_comparison": ("compare_folder",),
    "conclusions": ("verdict",),
    "embedders": ("compare_embedders",),
    # figures and how certain they are
    "significance": ("interval", "compare", "holm"),
    "markdown_report": ("measure_table", "contrast_table", "kind_table", "to_markdown"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Dataset",
    "Place",
    "Proof",
    "Question",
    "Report",
    "compare",
    "compare_embedders",
    "compare_folder",
    "compare_reports",
    "contrast_table",
    "evaluate",
    "holm",
    "interval",
    "kind_table",
    "make_questions",
    "measure_table",
    "open_dataset",
    "read_questions",
    "read_report",
    "to_markdown",
    "verdict",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'ragtree.evaluate' has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)

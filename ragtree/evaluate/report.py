"""The result of a run as values that can be written, read again and compared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import DatasetError
from ..text_files import read_text

FORMAT = 1
"""Version of the JSON format of a report."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(_Frozen):
    """A mean over questions and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Contrast(_Frozen):
    """Two cells on the same questions: first - second."""

    measure: str
    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    adjusted_p: float
    """After Holm's correction over all contrasts of the report."""
    effect: float
    """Cohen's d of the paired differences."""
    n: int

    @property
    def is_clear(self) -> bool:
        """True if chance alone would bring such a difference in fewer than 5 of 100 reports."""
        return self.adjusted_p < 0.05


class Cost(_Frozen):
    """What a cell cost. Trees are shared: cells with the same `tree` paid for it once, together."""

    tree: str
    trees: int
    nodes: int
    indexed_tokens: int
    embedded: int
    summarized: int
    growing_seconds: float
    search_milliseconds: float
    """Median of a search at the largest budget."""
    context_tokens: float
    """Mean of the tokens found at the largest budget."""
    reading_seconds: float
    prompt_tokens: int
    answer_tokens: int


class CellReport(_Frozen):
    """The results of one cell."""

    name: str
    settings: Mapping[str, Any]
    estimates: Mapping[str, Estimate]
    """By measure."""
    by_kind: Mapping[str, Mapping[str, Estimate]]
    """By kind of question, then by measure; empty if there is only one kind."""
    values: Mapping[str, tuple[float | None, ...]]
    """By measure, one for each question in the report's order; None if the measure does not apply to it."""
    cost: Cost | None = None


class AskedQuestion(_Frozen):
    """What a later comparison needs to know of a question."""

    id: str
    kind: str = ""
    group: str = ""
    """The document that it is about: questions about one document are not independent."""


class DatasetFacts(_Frozen):
    """What identifies the data."""

    name: str
    split: str
    source: str
    sha256: str
    documents: int
    questions: int
    notices: tuple[str, ...] = ()


class Report(_Frozen):
    """Everything that a run has found, and everything that is needed to repeat it."""

    format: int = FORMAT
    folder: str = ""
    """The folder of the run, as it was named then."""
    dataset: DatasetFacts
    scope: str
    reader: str
    budgets: tuple[int, ...]
    limit: int | None
    seed: int
    versions: Mapping[str, str]
    models: Mapping[str, str]
    """SHA-256 of every model's files."""
    asked: tuple[AskedQuestion, ...]
    cells: tuple[CellReport, ...]
    contrasts: tuple[Contrast, ...]

    def cell(self, name: str) -> CellReport:
        """The cell with that name. Raises DatasetError if there is none."""
        for cell in self.cells:
            if cell.name == name:
                return cell
        raise DatasetError(f"there is no cell {name!r}; there are {', '.join(cell.name for cell in self.cells)}")


def read_report(path: Path) -> Report:
    """Read a report.json. Raises DatasetError if it is not one."""
    try:
        return Report.model_validate_json(read_text(path))
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}; name the report.json of a run") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise DatasetError(f"{path} is no report of ragtree eval: {where}: {first['msg']}") from error
    except ValueError as error:
        raise DatasetError(f"{path} is no report of ragtree eval: {error}") from error

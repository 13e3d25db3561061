from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import ragtree

NAMES = """
    Answer AnswerError AsyncChat AsyncRagTree AsyncWatching
    Block Box Budget BudgetError Chat ChatModel Citation Claim ContextOverflowError DatasetError
    Document DocumentEntry Embedder Evidence Following History Hit
    IndexDamagedError IndexLockedError IndexMismatchError IndexNotFoundError IndexUnreachableError Item LoadError
    Location Mark Message MissingExtraError ModelError Node NotFoundError NothingToIndexError Notice OutlineEntry
    Place Plan Progress PromptError PublishReport PublishedError PurgeReport QueryError
    RagTree RagtreeError SalvageReport Selection Settings SettingsError Skipped Span Stats Step StoreError
    StructuredAnswer StructuredChatModel SummaryChange Survey SurveyCost SyncReport Usage Watching WorkersError
    WrongProcessError
""".split()
HEAVY = "torch chromadb llama_cpp numpy sentence_transformers pydantic sklearn docx lxml tiktoken".split()


def test_the_public_names_are_these() -> None:
    assert ragtree.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_found(name: str) -> None:
    found = getattr(ragtree, name)
    assert found.__name__ == name
    assert found.__doc__


def test_every_public_name_has_one_home() -> None:
    homes = [name for names in ragtree._HOMES.values() for name in names]
    assert sorted(homes) == NAMES


def test_type_checkers_see_the_same_names() -> None:
    source = Path(ragtree.__file__).read_text(encoding="utf-8")
    block = source.partition("if TYPE_CHECKING:\n")[2].partition("\n\n__version__")[0]
    seen = re.findall(r"\b[A-Z]\w+", block)
    assert sorted(seen) == NAMES


def test_every_error_is_public() -> None:
    from ragtree import errors

    assert {name for name, kind in vars(errors).items() if isinstance(kind, type)} <= set(NAMES)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        ragtree.Nothing  # noqa: B018


def test_the_names_can_be_listed() -> None:
    assert dir(ragtree) == sorted([*NAMES, "__version__"])


def test_the_version_is_the_package_s() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{ragtree.__version__}"' in project


def test_importing_ragtree_imports_nothing_heavy() -> None:
    code = f"import sys, ragtree; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

"""`ragtree compare FOLDER`"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import CommandTarget, bring_up_to_date, no_sync_option, notice, opened, progress_bars, with_target
from .output import printable, show_json

if TYPE_CHECKING:
    from ..evaluate.base import Question
    from ..evaluate.folder_comparison import FolderComparison, Missed
    from ..tree import RagTree

_QUOTE_WIDTH = 110
_MOST_CHANGED = 3


@click.command("compare")
@with_target
@click.option(
    "--questions",
    "questions_file",
    type=click.Path(path_type=Path),
    help="A file of your own questions, one JSON object per line; without it, questions are made from FOLDER.",
)
@click.option("--count", type=click.IntRange(min=1), default=60, show_default=True, help="How many questions to make.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For draws and bootstraps.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the questions to a file, to edit and use again.")
@click.option("--apply", is_flag=True, help="Write the recommended mode into FOLDER/ragtree.toml.")
@click.option("--against", metavar="EMBEDDER", help="Compare the embedder with another one instead of the modes.")
@no_sync_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    where: CommandTarget,
    questions_file: Path | None,
    count: int,
    seed: int,
    save: Path | None,
    apply: bool,
    against: str | None,
    as_json: bool,
) -> None:
    """Find out which retrieval mode suits FOLDER, and whether the tree helps there."""
    from ..evaluate.folder_comparison import compare_folder
    from ..evaluate.question_files import write_questions

    with opened(where, create=True, reads=True) as tree:
        bring_up_to_date(tree, where)
        questions = _questions(tree, questions_file, count, seed)
        if save is not None:
            write_questions(questions, {document.id: document for document in tree.documents()}, save)
            notice(f"the questions are in {save}")
        if against is not None:
            _against(tree, against, questions, as_json)
            return
        with progress_bars() as progress:
            found = compare_folder(tree, questions, seed, progress)
    if as_json:
        show_json(_fields(found))
    else:
        _show(found)
    if apply:
        from ..configuration import write_setting

        path = write_setting(where.folder, "retrieve.mode", found.recommended)
        notice(f"{path} now says retrieve.mode = {found.recommended}")


def _questions(tree: RagTree, path: Path | None, count: int, seed: int) -> tuple[Question, ...]:
    from ..errors import DatasetError
    from ..evaluate.datasets.questions import read_questions
    from ..evaluate.making.questions import make_questions

    documents = {document.id: document for document in tree.documents()}
    if path is not None:
        return tuple(read_questions(path, documents))
    with progress_bars() as progress:
        made = make_questions(
            list(documents.values()),
            tree.nodes(level=0),
            count,
            seed,
            tree.settings.chunk.language,
            tree.llm,
            progress,
            tree.settings.prompts,
        )
    notice(str(made))
    if not made.questions:
        raise DatasetError("no question could be made from the folder; give your own with --questions FILE")
    return made.questions


def _show(found: FolderComparison) -> None:
    from ..evaluate.conclusions import about_tree, about_whole_documents, verdict
    from ..evaluate.markdown_report import contrast_table, kind_table, measure_table

    click.echo(measure_table(found.cells))
    by_kind = kind_table(found.cells, [found.measure])
    if by_kind:
        click.echo("\n" + by_kind)
    click.echo("\n" + contrast_table(found.contrasts))
    click.echo("\n" + verdict(found))
    click.echo(about_tree(found))
    click.echo(about_whole_documents(found))
    if found.missed:
        click.echo(f"\n{found.missed_count} questions were not found by {found.recommended}; the worst:")
        for missed in found.missed:
            _show_missed(missed)


def _show_missed(missed: Missed) -> None:
    click.echo(printable(f"\n{missed.question.text}  ({missed.value:.2f} found)"))
    click.echo(printable(f"  wanted  {_cut(missed.wanted)}"))
    for hit in missed.found[:2]:
        source = hit.node.source or "a summary"
        click.echo(printable(f"  found   {_cut(f'{source}: {hit.node.text}')}"))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTE_WIDTH else flat[:_QUOTE_WIDTH].rstrip() + " …"


def _fields(found: FolderComparison) -> dict[str, object]:
    from ..evaluate.conclusions import about_tree, about_whole_documents, verdict

    return {
        "recommended": found.recommended,
        "verdict": verdict(found),
        "tree": about_tree(found),
        "whole_documents": about_whole_documents(found),
        "measure": found.measure,
        "budget": found.budget,
        "modes": {
            cell.name: {
                "all": cell.estimates[found.measure].model_dump(),
                **{kind: estimates[found.measure].model_dump() for kind, estimates in cell.by_kind.items()},
            }
            for cell in found.cells
        },
        "contrasts": [contrast.model_dump() for contrast in found.contrasts],
        "missed": [
            {
                "question": missed.question.text,
                "value": missed.value,
                "wanted": missed.wanted,
                "found": [{"source": hit.node.source, "text": hit.node.text} for hit in missed.found],
            }
            for missed in found.missed
        ],
    }


def _against(tree: RagTree, other: str, questions: Sequence[Question], as_json: bool) -> None:
    """Show how another embedder would change what is found."""
    from ..evaluate.embedders import compare_embedders
    from ..indexing.chunks import embedded_text
    from ..models import make_embedder

    nodes = tree.nodes(level=0)
    llm = tree.settings.llm
    second = make_embedder(tree.settings.embed.model_copy(update={"model": other}), llm.timeout, llm.retries)
    with progress_bars() as progress:
        found = compare_embedders(
            tree.embedder,
            second,
            [embedded_text(node) for node in nodes],
            [question.text for question in questions],
            progress=progress,
        )
    changed = [
        {
            "question": questions[change.query].text,
            "jaccard": change.jaccard,
            "first": nodes[change.first[0]].text,
            "second": nodes[change.second[0]].text,
        }
        for change in found.most_changed(_MOST_CHANGED)
    ]
    figures = {
        "cka": found.cka,
        f"jaccard@{found.k}": float(found.jaccard.mean()),
        f"rank similarity@{found.k}": float(found.rank_similarity.mean()),
        "same nearest passage": found.same_top,
    }
    if as_json:
        show_json({"first": found.first, "second": found.second, **figures, "most_changed": changed})
        return
    from ..evaluate.markdown_report import table

    click.echo(f"{found.first} and {found.second}: {len(questions)} questions over {found.texts} passages\n")
    click.echo(table(["measure", "1 is the same"], [[name, f"{value:.3f}"] for name, value in figures.items()]))
    for change in changed:
        click.echo(printable(f"\n{change['question']}  (jaccard {change['jaccard']:.2f})"))
        click.echo(printable(f"  {found.first}: {_cut(str(change['first']))}"))
        click.echo(printable(f"  {found.second}: {_cut(str(change['second']))}"))

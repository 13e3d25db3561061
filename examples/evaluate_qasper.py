"""QASPER with and without the tree: same reader, same context budget, one tree per paper.

python examples/evaluate_qasper.py qasper-dev-v0.3.json [--llm NAME] [--limit N] [--scope corpus]
"""

import argparse
from pathlib import Path

from ragtree import Settings
from ragtree.evaluate import contrast_table, evaluate, kind_table, measure_table, open_dataset
from ragtree.settings import LlmSettings


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("dataset", help="the published file, or hf:allenai/qasper")
    options.add_argument("--llm", default="bundled")
    options.add_argument("--limit", type=int, help="questions, drawn from whole papers")
    options.add_argument("--scope", choices=["document", "corpus"], default="document")
    options.add_argument("--out", type=Path, default=Path("ragtree-eval"))
    said = options.parse_args()

    report = evaluate(
        open_dataset(said.dataset, "qasper"),
        Settings(llm=LlmSettings(model=said.llm)),
        {"retrieve.mode": ["leaves", "collapsed", "traverse"]},
        reader="short",
        scope=said.scope,
        limit=said.limit,
        out=said.out,
    )
    print("Answer F1 is the paper's; evidence recall at N tokens says how much of the proof was found.\n")
    print(measure_table(report.cells), end="\n\n")
    print(kind_table(report.cells, ["F1"]), end="\n\n")
    print(contrast_table(report.contrasts))


if __name__ == "__main__":
    main()

"""NarrativeQA with and without the tree: ROUGE-L, BLEU-1, BLEU-4 and METEOR, with one tree per story.

python examples/evaluate_narrativeqa.py FOLDER [--split valid] [--llm NAME] [--limit N] [--scope corpus]
"""

import argparse
from pathlib import Path

from ragtree import Settings
from ragtree.evaluate import contrast_table, evaluate, measure_table, open_dataset
from ragtree.settings import LlmSettings


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("dataset", help="a copy of the published repository, or hf:deepmind/narrativeqa")
    options.add_argument("--split", help="train, valid or test")
    options.add_argument("--llm", default="bundled")
    options.add_argument("--limit", type=int, help="questions, drawn from whole stories")
    options.add_argument("--scope", choices=["document", "corpus"], default="document")
    options.add_argument("--out", type=Path, default=Path("ragtree-eval"))
    said = options.parse_args()

    report = evaluate(
        open_dataset(said.dataset, "narrativeqa", said.split),
        Settings(llm=LlmSettings(model=said.llm)),
        {"retrieve.mode": ["leaves", "collapsed", "traverse"]},
        reader="short",
        scope=said.scope,
        limit=said.limit,
        out=said.out,
    )
    print(*report.dataset.notices, sep="\n")
    print(measure_table(report.cells), end="\n\n")
    print(contrast_table(report.contrasts))


if __name__ == "__main__":
    main()

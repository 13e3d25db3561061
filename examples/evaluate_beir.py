"""A BEIR dataset with and without the tree: nDCG@10, recall, MAP and MRR by its relevance judgements.

python examples/evaluate_beir.py FOLDER [--split test] [--embedder NAME] [--limit N]
"""

import argparse
from pathlib import Path

from ragtree import Settings
from ragtree.evaluate import contrast_table, evaluate, measure_table, open_dataset
from ragtree.settings import EmbedSettings


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("dataset", help="a folder with corpus.jsonl, queries.jsonl and qrels, or hf:BeIR/scifact")
    options.add_argument("--split", help="the file of qrels/ that is used, such as test")
    options.add_argument("--embedder", default="bundled")
    options.add_argument("--limit", type=int, help="queries")
    options.add_argument("--out", type=Path, default=Path("ragtree-eval"))
    said = options.parse_args()

    report = evaluate(
        open_dataset(said.dataset, split=said.split),
        Settings(embed=EmbedSettings(model=said.embedder)),
        {"retrieve.mode": ["leaves", "collapsed", "traverse"]},
        limit=said.limit,
        out=said.out,
    )
    print(measure_table(report.cells), end="\n\n")
    print(contrast_table(report.contrasts))


if __name__ == "__main__":
    main()

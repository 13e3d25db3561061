"""Which retrieval mode suits a folder? Measured on examples/library and its questions, or on your own.

python examples/compare_modes.py [FOLDER QUESTIONS.jsonl]
"""

import sys
from pathlib import Path

from ragtree import RagTree
from ragtree.evaluate import compare_folder, kind_table, measure_table, read_questions, verdict

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 2 else HERE / "library"
QUESTIONS = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "questions.jsonl"


def main() -> None:
    with RagTree.open(FOLDER / ".ragtree") as tree:
        tree.sync(FOLDER)
        questions = read_questions(QUESTIONS, {document.id: document for document in tree.documents()})
        found = compare_folder(tree, questions)
    print(measure_table(found.cells))
    print(kind_table(found.cells, [found.measure]))
    print(verdict(found))


if __name__ == "__main__":
    main()

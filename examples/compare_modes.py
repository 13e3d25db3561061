"""How much of the proof does each retrieval mode find? On examples/library and its questions, or on your own.

python examples/compare_modes.py [FOLDER QUESTIONS.jsonl]
"""

import sys
from pathlib import Path

from ragtree import RagTree
from ragtree.evaluate.dataset import read_questions
from ragtree.evaluate.retrieval import compare_modes

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 2 else HERE / "library"
QUESTIONS = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "questions.jsonl"
BUDGETS = (600, 1200)


def main() -> None:
    with RagTree.open(FOLDER / ".ragtree") as tree:
        tree.sync(FOLDER)
        scores = compare_modes(tree, read_questions(QUESTIONS), BUDGETS)
    print("evidence recall at", *BUDGETS, "tokens")
    for mode in dict.fromkeys(score.mode for score in scores):
        row = [score.recall for score in scores if score.mode == mode and score.kind == "all"]
        print(f"{mode:<10}", *(f"{recall:.3f}" for recall in row))


if __name__ == "__main__":
    main()

from __future__ import annotations

import subprocess
import sys

HEAVY = "ir_measures pytrec_eval rouge_score sacrebleu nltk scipy datasets torch llama_cpp matplotlib".split()


def test_importing_the_metrics_imports_no_package_of_the_extra() -> None:
    rooms = "answer_match, choice, citations, judge, overlap, ranking, spans"
    code = f"import sys\nfrom ragtree.evaluate.metrics import {rooms}\nprint(*[n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

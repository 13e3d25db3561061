"""Word-level recall of what a loader reads against a reference text."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path
from statistics import mean

from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "folder-parsetruth"
_NO_WORDS = re.compile(r"<!--.*?-->|\]\([^)\s]*(?:\s\"[^\"]*\")?\)|\\(?=[_*#\[\]<>~`])", re.DOTALL)
_NOT_IN_REFERENCES = re.compile(
    r"^(?:Header|Footer|Picture|(?:[A-Z]+\d+: )?Comment(?: by [^:\n]+)?): .*$"
    r"|\(Picture: [^()]*\)| \((?:https?:\S+|\S+@\S+)\)",
    re.M,
)
"""What ragtree reads and the references leave out: headers, footers, comments, alternative texts, link targets."""


def words(text: str) -> Counter[str]:
    """The words of a text, or of Markdown without its comments, addresses of links and escapes."""
    return Counter(re.findall(r"\w+", html.unescape(_NO_WORDS.sub(" ", text)).replace("_", " ").lower()))


def recall(found: str, reference: str) -> float:
    """Share of the reference's words that were found, each as often as it stands there."""
    wanted = words(reference)
    return (wanted & words(found)).total() / wanted.total() if wanted else 1.0


def precision(found: str, reference: str) -> float:
    """Share of the words that were found which stand in the reference, apart from what the references leave out."""
    return recall(reference, _NOT_IN_REFERENCES.sub("", found))


def loaded(path: str) -> str:
    """The text of a file of the folder; none where it is refused."""
    try:
        return parse((FOLDER / "files" / path).read_bytes(), path, LoadSettings()).text
    except LoadError:
        return ""


def by_format() -> dict[str, dict[str, tuple[float, float]]]:
    """Format -> file -> (recall, precision)."""
    rows = (FOLDER / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in map(json.loads, rows):
        path = row["path"]
        reference = (FOLDER / row["truth"]).read_text(encoding="utf-8")
        text = loaded(path)
        measured = recall(text, reference), precision(text, reference)
        found.setdefault(Path(path).suffix.lstrip("."), {})[path] = measured
    return found


if __name__ == "__main__":
    print(f"{'format':10} {'files':>5} {'recall':>7} {'least':>6} {'precision':>10}")
    for kind, files in sorted(by_format().items()):
        recalls, precisions = zip(*files.values(), strict=True)
        print(f"{kind:10} {len(files):5} {mean(recalls):7.3f} {min(recalls):6.3f} {mean(precisions):10.3f}")
        for path, (found, exact) in sorted(files.items(), key=lambda item: item[1]):
            if found < 0.97 or exact < 0.8:
                print(f"    {path} {found:.3f} {exact:.3f}")

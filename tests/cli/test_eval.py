"""`ragtree eval`: tables on standard output, reports in a folder, and clear words where it cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from library import ragtree


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one's own in the plain form."""
    folder = tmp_path_factory.mktemp("plain") / "village"
    folder.mkdir()
    texts = {
        "bees": "The hives stand behind the mill. Swarms leave in May.",
        "clock": "The tower clock stops at frost. Its pendulum weighs forty pounds.",
        "ferry": "The ferry crosses at nine and at four. It takes twelve sheep.",
    }
    asked = {"q1": ("When do swarms leave?", "bees"), "q2": ("How heavy is the pendulum?", "clock")}
    rows = [json.dumps({"id": key, "title": "", "text": text}) for key, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    queries = [json.dumps({"id": key, "text": text, "answers": []}) for key, (text, _) in asked.items()]
    (folder / "queries.jsonl").write_text("\n".join(queries) + "\n", encoding="utf-8")
    qrels = [f"{key}\t{where}\t1" for key, (_, where) in asked.items()]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(qrels) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


def test_a_grid_prints_its_table_and_names_its_report(plain: Path, out: Path) -> None:
    ran = ragtree("eval", plain, "--grid", "retrieve.mode=leaves,traverse", "--out", out)
    assert ran.status == 0, ran.err
    assert ran.out.startswith("| measure | retrieve.mode=leaves | retrieve.mode=traverse |")
    assert "| nDCG@10 | **1.000 [1.000, 1.000]** |" in ran.out
    assert "retrieve.mode=traverse − retrieve.mode=leaves" in ran.out
    report = Path(ran.err.strip().splitlines()[-1].removeprefix("the report is "))
    assert report.read_text(encoding="utf-8").startswith("# village")
    assert {"report.json", "plot.png", "records.jsonl"} <= {file.name for file in report.parent.iterdir()}


def test_several_settings_may_follow_one_grid(plain: Path, out: Path) -> None:
    ran = ragtree(
        "eval", plain, "--grid", "retrieve.mode=leaves,traverse", "chunk.tokens=16,32", "--json", "--out", out
    )
    assert ran.status == 0, ran.err
    report = json.loads(ran.out)
    assert [cell["name"] for cell in report["cells"]] == [
        f"retrieve.mode={mode} chunk.tokens={tokens}" for mode in ("leaves", "traverse") for tokens in (16, 32)
    ]


def test_two_reports_are_compared_later(plain: Path, out: Path) -> None:
    paths = []
    for mode in ("leaves", "traverse"):
        ran = ragtree("eval", plain, "--set", f"retrieve.mode={mode}", "--out", out)
        paths.append(Path(ran.err.strip().splitlines()[-1].removeprefix("the report is ")).with_name("report.json"))
    ran = ragtree("eval", "--compare", *paths)
    assert ran.status == 0, ran.err
    assert "| nDCG@10 | a: as set − b: as set | +0.000 [+0.000, +0.000] | 1.0000 |" in ran.out
    fields = json.loads(ragtree("eval", "--compare", *paths, "--json").out)
    assert fields["contrasts"][0]["n"] == 2
    assert fields["notices"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "name a DATASET, or --compare"),
        (["DATA", "retrieve.mode=leaves"], 2, "put --grid before"),
        (["DATA", "--budget", "many"], 2, "is not a list of numbers"),
        (["DATA", "--budget", "0"], 2, "at least 1 token"),
        (["DATA", "--compare", "a", "b"], 2, "leave out DATASET"),
        (["DATA", "--grid", "retrieve.mode=best"], 1, "retrieve.mode = 'best'"),
        (["DATA", "--grid", "mode=leaves"], 1, "wanted is stage.field=value,value"),
        (["DATA", "--format", "qrels"], 1, "there is no format 'qrels'; there is quality"),
        (["DATA", "--scope", "document"], 1, "--scope corpus"),
        (["DATA", "--baseline", "leaves"], 1, "is no cell"),
        (["DATA", "--judge", "bundled"], 1, "a judge compares answers"),
        (["NOWHERE"], 1, "there is no file or folder"),
        (["--compare", "a.json", "b.json"], 1, "a.json: No such file"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    plain: Path, out: Path, arguments: list[str], status: int, said: str
) -> None:
    full = [str(plain) if argument == "DATA" else argument for argument in arguments]
    ran = ragtree("eval", *full, *([] if "--compare" in full else ["--out", out]))
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err


def test_a_broken_row_is_named_by_file_and_line(plain: Path, tmp_path: Path) -> None:
    for file in plain.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "queries.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + '{"id": "q3"}\n', encoding="utf-8")
    ran = ragtree("eval", tmp_path, "--out", tmp_path / "out")
    assert ran.status == 1
    assert "queries.jsonl, line 3" in ran.err
    assert "text" in ran.err

"""An index that is made and asked through a model server: what it keeps of the server, and what it never keeps."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from speaking_server import Asked, Said, SpeakingServer, delta, events, streamed

from ragtree import RagTree, Settings
from ragtree.embed.hashing import HashingEmbedder

KEY = "sk-very-secret-0123456789"
FACTS = [
    "The lamp at Gull Rock stands 74 feet above the tide.",
    "Mrs. Ada Finch has kept the lamp since 1911.",
    "The ferry leaves at nine o'clock on Tuesdays.",
    "Captain Orr steers the ferry to Gull Rock.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    for number, fact in enumerate(FACTS):
        (made / f"n{number}.md").write_text(
            f"# Note {number}\n\n{fact} " + "The clerk filed it on the same evening. " * 6
        )
    return made


def settings(server: SpeakingServer) -> Settings:
    return Settings(llm={"model": f"{server.url}#m", "retries": 0, "timeout": 5}, embed={"model": f"{server.url}#e"})


UNFINISHED = {
    "empty": streamed(""),
    "cut off": streamed(" ".join(FACTS), "length"),
    "a thought": events(delta({"content": None, "reasoning_content": "Hm."}), delta({}, "length")),
    "an open thought": streamed("<think> " + " ".join(FACTS)),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_summary_that_is_not_whole_is_counted_and_asked_for_again(name: str, folder: Path, tmp_path: Path) -> None:
    said = UNFINISHED[name]
    with (
        SpeakingServer(lambda _: said) as server,
        RagTree.open(tmp_path / "index", settings=settings(server), embedder=HashingEmbedder(64)) as tree,
    ):
        report = tree.sync(folder)
        assert report.unwritten > 0 and report.summarized == 0
        asked = len(server.requests)
        assert tree.sync(folder).unwritten == report.unwritten
        assert len(server.requests) > asked
        assert not any("think" in node.text for node in tree.nodes())
        said = streamed("<think> Hm. </think> " + " ".join(FACTS))
        assert tree.sync(folder).unwritten == 0
        assert any(node.made == "abstractive" for node in tree.nodes())
        asked = len(server.requests)
        tree.sync(folder)
        assert len(server.requests) == asked


def test_the_key_is_nowhere_but_in_requests(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def answer(asked: Asked) -> Said:
        if asked.headers.get("Authorization") != f"Bearer {KEY}":
            return Said("no", 401)
        if asked.path.endswith("embeddings"):
            found = HashingEmbedder(64).embed(asked.body["input"]).astype(float).tolist()
            return Said({"data": [{"index": at, "embedding": row} for at, row in enumerate(found)]})
        if asked.body.get("logprobs"):
            return Said({"error": f"no logprobs for {KEY}"}, 400)
        return streamed(" ".join(FACTS))

    with SpeakingServer(answer) as server:
        with RagTree.open(tmp_path / "index", settings=settings(server)) as tree:
            report = tree.sync(folder)
            told = tree.ask("How high does the lamp at Gull Rock stand?")
        spelled = settings(server).model_copy(
            update={
                "embed": settings(server).embed.model_copy(
                    update={"model": f"{server.root.replace('127.0.0.1', 'LOCALHOST')}/#e"}
                )
            }
        )
        with RagTree.open(tmp_path / "index", settings=spelled) as tree:
            assert tree.search("the ferry")
    assert report.added and "74 feet" in told.text
    files = [path for path in (tmp_path / "index").rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in caplog.text and KEY not in repr(report) and KEY not in repr(told)


def test_a_long_text_is_counted_in_the_report(folder: Path, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if any(len(text) > 150 for text in asked.body["input"]):
            return Said({"error": {"message": "the input is too long"}}, 400)
        found = HashingEmbedder(64).embed(asked.body["input"]).astype(float).tolist()
        return Said({"data": [{"index": at, "embedding": row} for at, row in enumerate(found)]})

    with SpeakingServer(answer) as server:
        made = Settings(llm={"model": "none"}, embed={"model": f"{server.url}#e"})
        with RagTree.open(tmp_path / "index", settings=made) as tree:
            assert tree.sync(folder).cut_texts >= len(FACTS)


def test_a_model_that_only_thinks_leaves_a_quote_and_a_notice(folder: Path, tmp_path: Path) -> None:
    with SpeakingServer(lambda _: streamed("<think> The mole burned down.", "length")) as server:
        made = Settings(llm={"model": "none"})
        with RagTree.open(tmp_path / "index", settings=made, embedder=HashingEmbedder(64)) as tree:
            tree.sync(folder)
        with RagTree.open(tmp_path / "index", settings=settings(server), embedder=HashingEmbedder(64)) as tree:
            steps: list[str] = []
            chat = tree.chat()
            chat.on_step = lambda step: steps.append(step.text)
            told = chat.ask("How high does the lamp at Gull Rock stand above the tide?")
    assert "burned" not in told.text and "burned" not in "".join(steps)
    assert "llm.thinking_tokens" in told.notice

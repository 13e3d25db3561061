"""Figures are described by a model behind a server: once, marked as the model's words, and never quoted."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fpdf import FPDF
from model_server import ModelServer
from PIL import Image, ImageDraw
from small_index import settings

from ragtree import Budget, RagTree
from ragtree.embed.hashing import HashingEmbedder
from ragtree.load.format_contents import FIGURES_LATER
from ragtree.types import Document, described_spans

SAID = "A line chart of the herring catch. The catch peaks at 940 barrels in 1931."
CAPTION = "Figure 1: The catch of the Tolbrack boats."
PROSE = "The boats of Tolbrack fish for herring in the sound. The ledger of the harbour names every boat."


class VisionServer(ModelServer):
    """Says the same of every picture."""

    def __init__(self) -> None:
        super().__init__()
        self.said = SAID

    def reply(self, path: str, body: dict[str, Any]) -> Iterator[str]:
        yield f"data: {json.dumps({'choices': [{'delta': {'content': self.said}}]})}\n\n"
        yield "data: [DONE]\n\n"

    @property
    def pictures(self) -> list[bytes]:
        """The pictures that were sent."""
        contents = [body["messages"][-1]["content"] for _, body in self.requests]
        addresses = [part["image_url"]["url"] for content in contents for part in content if "image_url" in part]
        assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
        return [base64.b64decode(address.partition(",")[2]) for address in addresses]


def chart(number: int = 0) -> Image.Image:
    """A picture without words."""
    drawn = Image.new("RGB", (480, 300), "white")
    ImageDraw.Draw(drawn).line([(20, 280), (200, 40 + number), (460, 200)], "navy", 12)
    return drawn


def png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def pdf(number: int = 0, words: str = "") -> bytes:
    """A page with prose, a picture, its caption, and prose."""
    made = FPDF(unit="pt", format="A4")
    made.add_page()
    made.set_font("Helvetica", size=11)
    made.multi_cell(450, 14, PROSE + words)
    made.image(chart(number), x=60, y=150, w=320)
    made.set_y(360)
    made.multi_cell(450, 14, CAPTION)
    made.set_y(420)
    made.multi_cell(450, 14, "The nets are mended in winter. Barrels come from the cooper in Port Hask.")
    return bytes(made.output())


@pytest.fixture
def server() -> Iterator[VisionServer]:
    with VisionServer() as running:
        yield running


def opened(tmp_path: Path, server: VisionServer | None, **more: dict[str, object]) -> RagTree:
    load = {"vision_model": f"{server.url}#eye", "ocr": False} if server is not None else {"ocr": False}
    made = settings(
        load=load,
        llm={"model": "none", "timeout": 5, "retries": 0},
        chunk={"tokens": 64},
        tree={"group_tokens": 256},
        **more,
    )
    return RagTree.open(tmp_path / "index", made, embedder=HashingEmbedder(64))


def folder_of(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def document_of(tree: RagTree, key: str) -> Document:
    found = tree.document(key)
    assert found is not None
    return found


def test_a_figure_of_a_pdf_is_described_after_its_caption(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        tree.sync(folder_of(tmp_path, a_pdf=pdf()))
        document = document_of(tree, "a.pdf")
        (span,) = described_spans(document.text, document.marks)
        assert span.of(document.text).strip() == f"Picture, described by a model: {SAID}"
        assert document.text[: span.start].rstrip().endswith(CAPTION)
        assert document.text[span.end :].startswith("The nets are mended")
        (block,) = [block for block in document.blocks if block.kind == "description"]
        assert (block.page, block.span.of(document.text)) == (1, span.of(document.text).strip())
        left, top, right, bottom = block.box
        assert (abs(left - 60) < 3, abs(top - 150) < 3, abs(right - 380) < 3, abs(bottom - 350) < 3) == (True,) * 4
        (sent,) = server.pictures
        seen = np.asarray(Image.open(io.BytesIO(sent)).convert("L"))
        assert 0.5 < seen.shape[0] / seen.shape[1] < 0.75 and (seen < 120).any()


def test_a_description_is_found_and_said_to_be_the_model_s(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        tree.sync(folder_of(tmp_path, a_pdf=pdf()))
        hit = next(hit for hit in tree.search("940 barrels herring catch chart") if "940" in hit.node.text)
        assert hit.node.location.described and CAPTION in hit.node.context
        assert PROSE[:20] not in hit.node.text and "nets" not in hit.node.text, "a chunk of its own"
        document = document_of(tree, "a.pdf")
        cited = document.cite(hit.node.span)
        assert "a model's description of a picture" in str(cited)
        assert "description" not in str(
            document.cite(described_spans(document.text, document.marks)[0]._replace(start=0))
        )
        answer = tree.ask("At how many barrels does the herring catch peak?")
        assert "940" not in answer.text and not any(one.location.described for one in answer.citations)
        nodes = [node for _, node in tree.graph().nodes(data=True)]
        assert any("940" in node["text"] for node in nodes)
        assert not any("940" in node["text"] for node in nodes if node["level"]), "no summary repeats it"


def test_a_picture_is_paid_for_once(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        folder = folder_of(tmp_path, a_pdf=pdf())
        tree.sync(folder)
        tree.sync(folder)
        folder_of(tmp_path, a_pdf=pdf(words=" A new line."), b_pdf=pdf(words=" Another document."))
        assert tree.sync(folder).added == ("b.pdf",)
        assert len(server.requests) == 1
        assert SAID in document_of(tree, "b.pdf").text
        folder_of(tmp_path, c_pdf=pdf(30))
        tree.sync(folder)
        assert len(server.requests) == 2


def test_a_server_that_fails_holds_up_nothing_else(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        server.fault = (503, "overloaded")
        folder = folder_of(tmp_path, a_pdf=pdf(), b_md=b"The ferry sails on Tuesdays.")
        report = tree.sync(folder)
        assert report.added == ("a.pdf", "b.md")
        (notice,) = report.notices
        assert notice.source == "a.pdf" and notice.text.startswith(f"{FIGURES_LATER}: 1, to be described by the next")
        assert "503" in notice.text and "page 1" in notice.text
        assert SAID not in document_of(tree, "a.pdf").text
        server.fault = None
        report = tree.sync(folder)
        assert report.changed == ("a.pdf",) and not report.notices
        assert SAID in document_of(tree, "a.pdf").text
        asked = len(server.requests)
        assert not tree.sync(folder).changed and len(server.requests) == asked


def test_a_server_that_is_gone_is_asked_a_few_times(tmp_path: Path, server: VisionServer) -> None:
    server.fault = (500, "broken")
    with opened(tmp_path, server) as tree:
        files = {f"f{number}_pdf": pdf(number) for number in range(12)}
        report = tree.sync(folder_of(tmp_path, **files))
        assert len(report.added) == len(report.notices) == 12
        assert len(server.requests) <= 6


def test_the_plan_says_what_it_costs(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        folder = folder_of(tmp_path, a_pdf=pdf(), b_pdf=pdf(20), c_pdf=pdf(words=" Again."))
        plan = tree.plan(folder, measure=False)
        assert (plan.figures, plan.calls) == (2, 2)
        assert plan.prompt_tokens > 2000 and plan.answer_tokens > 0
        assert not server.requests
        report = tree.sync(folder)
        assert (report.calls, len(server.requests)) == (2, 2)
        folder_of(tmp_path, d_pdf=pdf(words=" And again."))
        assert tree.plan(folder, measure=False).figures == 0


def test_a_budget_of_tokens_holds_for_pictures(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        folder = folder_of(tmp_path, a_pdf=pdf())
        (notice,) = tree.sync(folder, budget=Budget(tokens=500)).notices
        assert FIGURES_LATER in notice.text and not server.requests
        assert tree.sync(folder).changed == ("a.pdf",)


def test_decoration_has_no_description(tmp_path: Path, server: VisionServer) -> None:
    server.said = "NONE."
    with opened(tmp_path, server) as tree:
        folder = folder_of(tmp_path, a_pdf=pdf())
        tree.sync(folder)
        document = document_of(tree, "a.pdf")
        assert "Picture" not in document.text and not described_spans(document.text, document.marks)
        assert not tree.sync(folder).changed and len(server.requests) == 1


def test_without_a_vision_model_nothing_is_sent_and_with_one_files_are_read_again(
    tmp_path: Path, server: VisionServer
) -> None:
    folder = folder_of(tmp_path, a_pdf=pdf(), b_md=b"The ferry sails on Tuesdays.")
    with opened(tmp_path, None) as tree:
        assert not tree.sync(folder).notices
        assert "Picture" not in document_of(tree, "a.pdf").text
    with opened(tmp_path, server) as tree:
        report = tree.sync(folder)
        assert (report.changed, report.unchanged) == (("a.pdf",), 1)


def test_a_photograph_is_a_document_of_its_description(tmp_path: Path, server: VisionServer) -> None:
    with opened(tmp_path, server) as tree:
        report = tree.sync(folder_of(tmp_path, a_png=png(chart()), b_md=b"The ferry sails on Tuesdays."))
        assert "a.png" in report.added
        document = document_of(tree, "a.png")
        assert document.text == f"Picture, described by a model: {SAID}"
        assert document.locate(document.blocks[0].span).described


def test_a_drawing_is_a_figure_if_it_has_a_caption(tmp_path: Path, server: VisionServer) -> None:
    def drawn(caption: str) -> bytes:
        made = FPDF(unit="pt", format="A4")
        made.add_page()
        made.set_font("Helvetica", size=11)
        made.multi_cell(450, 14, PROSE)
        for number in range(12):
            made.rect(80 + 25 * number, 300 - 10 * number, 20, 20 + 10 * number, style="F")
        made.set_y(330)
        made.multi_cell(450, 14, caption)
        return bytes(made.output())

    with opened(tmp_path, server) as tree:
        folder = folder_of(
            tmp_path, a_pdf=drawn("Fig. 3. Landings by month."), b_pdf=drawn("Landings by month are low.")
        )
        tree.sync(folder)
        assert SAID in document_of(tree, "a.pdf").text and SAID not in document_of(tree, "b.pdf").text


def test_pictures_within_a_web_page_are_described_where_they_are(tmp_path: Path, server: VisionServer) -> None:
    address = f"data:image/png;base64,{base64.b64encode(png(chart())).decode()}"
    page = f"<html><body><p>{PROSE}</p><p><img src='{address}'></p><p>The nets are mended.</p></body></html>"
    with opened(tmp_path, server) as tree:
        tree.sync(folder_of(tmp_path, a_html=page.encode()))
        document = document_of(tree, "a.html")
        (span,) = described_spans(document.text, document.marks)
        assert SAID in span.of(document.text) and document.text[span.end :].strip() == "The nets are mended."

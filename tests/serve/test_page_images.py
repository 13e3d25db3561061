"""The processes that render pages: one for each file, replaced if it ends, and none left in the end."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import fpdf
import pytest
from starlette.exceptions import HTTPException

from ragtree.serve.page.highlights import Wanted
from ragtree.serve.page.page_images import PageImages
from ragtree.settings import LoadSettings
from ragtree.types import Box

LIMITS = LoadSettings()
PROC = Path("/proc")


def written(path: Path, text: str, pages: int = 1) -> Path:
    pdf = fpdf.FPDF()
    for _ in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=20)
        pdf.cell(text=text)
    path.write_bytes(bytes(pdf.output()))
    return path


def trying(attempt: Callable[[PageImages], Awaitable[None]]) -> None:
    async def attempted() -> None:
        pages = PageImages()
        try:
            await attempt(pages)
        finally:
            await pages.close()
        assert workers() == []

    asyncio.run(attempted())


def workers() -> list[int]:
    """The processes of this one that render pages."""
    found = []
    for status in PROC.glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"page_worker" in status.with_name("cmdline").read_bytes():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


def test_every_file_gets_its_own_pages(tmp_path):
    files = [written(tmp_path / f"{name}.pdf", name, pages=2) for name in ("one", "three", "a longer word")]

    async def attempt(pages):
        first = [await pages.picture(path, 1, 300, LIMITS) for path in files]
        assert len(set(first)) == len(files)
        for path, picture in zip(files, first, strict=True):
            assert await pages.picture(path, 1, 300, LIMITS) == picture, "kept"
            assert len(await pages.picture(path, 2, 301, LIMITS)) > 100
            assert (await pages.places(path, [], LIMITS))["pages"] == 2

    trying(attempt)


def test_a_file_that_has_changed_is_read_again(tmp_path):
    path = written(tmp_path / "one.pdf", "before")

    async def attempt(pages):
        before = await pages.picture(path, 1, 300, LIMITS)
        written(path, "afterwards", pages=3)
        assert await pages.picture(path, 1, 300, LIMITS) != before
        assert (await pages.places(path, [Wanted(2, "afterwards")], LIMITS))["boxes"][0]["page"] == 2

    trying(attempt)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tiff"])
def test_a_picture_is_a_page_with_the_boxes_of_its_blocks(tmp_path, suffix):
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / f"scan{suffix}"
    pages = [image.new("RGB", (1240, 1754), colour) for colour in ("white", "red")]
    more = {"save_all": True, "append_images": pages[1:]} if suffix == ".tiff" else {}
    pages[0].save(path, dpi=(150, 150), **more)
    count = len(pages) if suffix == ".tiff" else 1

    async def attempt(pages):
        shown = image.open(io.BytesIO(await pages.picture(path, count, 400, LIMITS)))
        assert shown.size == (400, 566)
        found = await pages.places(path, [Wanted(count, "words", Box(60, 84, 119, 168))], LIMITS)
        assert (found["pages"], found["shapes"]) == (count, [0.707] * count)
        assert found["boxes"][0]["page"] == count
        assert found["boxes"][0]["boxes"][0] == pytest.approx([0.1, 0.1, 0.2, 0.2], abs=0.001)
        with pytest.raises(HTTPException, match="cannot be shown"):
            await pages.picture(path, count + 1, 400, LIMITS)

    trying(attempt)


def test_what_cannot_be_shown_does_not_end_what_can(tmp_path):
    good, bad = written(tmp_path / "good.pdf", "fine"), tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 and nothing else")

    async def attempt(pages):
        for path, page in ((bad, 1), (good, 9), (bad, 1)):
            with pytest.raises(HTTPException, match="cannot be shown"):
                await pages.picture(path, page, 300, LIMITS)
            assert await pages.picture(good, 1, 300, LIMITS)
        with pytest.raises(HTTPException, match="cannot be shown"):
            await pages.places(bad, [], LIMITS)

    trying(attempt)


@pytest.mark.skipif(not PROC.exists(), reason="there is no /proc to see processes in")
def test_few_processes_are_kept_and_a_dead_one_is_replaced(tmp_path):
    files = [written(tmp_path / f"{number}.pdf", f"page of {number}") for number in range(5)]

    async def attempt(pages):
        assert workers() == [], "none before it is needed"
        await asyncio.gather(*(pages.picture(path, 1, 300, LIMITS) for path in files))
        assert 2 <= len(workers()) <= 3, "two files, and one for the next file"
        for process in workers():
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.2)
        for path in files:
            assert await pages.picture(path, 1, 302, LIMITS)

    trying(attempt)


@pytest.mark.skipif(not PROC.exists(), reason="there is no /proc to see processes in")
def test_a_page_that_nobody_waits_for_any_more_leaves_no_half_reply(tmp_path):
    path = written(tmp_path / "one.pdf", "patience", pages=3)

    async def attempt(pages):
        await pages.picture(path, 1, 300, LIMITS)
        waiting = asyncio.create_task(pages.picture(path, 2, 2400, LIMITS))
        await asyncio.sleep(0.002)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert (await pages.places(path, [], LIMITS))["pages"] == 3

    trying(attempt)

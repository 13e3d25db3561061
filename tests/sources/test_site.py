"""The pages of a site, by its sitemap: what is read, what is asked again, and what leaves the index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from library import ragtree
from site_server import Page, SiteServer, packed

from ragtree import NothingToIndexError, RagTree, Settings, StoreError
from ragtree.embed.hashing import HashingEmbedder
from ragtree.load.sources import source_of
from ragtree.sources import web_host

LAMP, FERRY, QUAY = "The keeper of the lamp is Abel Strake.", "The ferry is late.", "The quay is closed."


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_host, "PAUSE", 0.0)


@pytest.fixture
def site() -> Iterator[SiteServer]:
    with SiteServer() as server:
        server.article("/", "Home", "The island has one lamp.")
        server.article("/lamp", "The lamp", LAMP, lastmod="2024-05-01T10:00:00Z")
        server.article("/ferry.php?line=3", "The ferry", FERRY, lastmod="2024-05-02")
        yield server


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[RagTree]:
    with RagTree.open(tmp_path / "index", embedder=HashingEmbedder()) as opened:
        yield opened


def ids(site: SiteServer, *paths: str) -> list[str]:
    return sorted(site.root + path for path in paths)


def test_pages_are_documents_with_their_addresses_as_ids(site: SiteServer, tree: RagTree) -> None:
    site.put("/notes/readme.md?raw=1", "# Notes\n\nThe bell rings.\n", kind="text/plain")
    report = tree.sync(site.address)
    wanted = ids(site, "/", "/lamp", "/ferry.php?line=3", "/notes/readme.md?raw=1")
    assert (sorted(report.added), report.skipped) == (wanted, ())
    documents = {one.id.removeprefix(site.root): one for one in tree.documents()}
    assert {path: one.title for path, one in documents.items()} == {
        "/": "Home",
        "/lamp": "The lamp",
        "/ferry.php?line=3": "The ferry",
        "/notes/readme.md?raw=1": "Notes",
    }
    assert all(one.source == one.id and "<" not in one.text for one in documents.values())
    assert {asked.headers["User-Agent"] for asked in site.asked} == {"ragtree"}
    modified = {one.id.removeprefix(site.root): one.modified for one in source_of(site.address).files().entries}
    assert modified["/lamp"] == 1714557600 * 10**9


def test_a_page_that_has_not_changed_is_not_sent_again(site: SiteServer, tree: RagTree) -> None:
    site.article("/plain", "Plain", QUAY, tagged=False, modified="Wed, 01 May 2024 10:00:00 GMT")
    tree.sync(site.address)
    site.paths()
    again = tree.sync(site.address)
    assert (again.unchanged, again.added, again.changed, again.removed) == (4, (), (), ())
    assert sorted(site.paths()) == [("/", 304), ("/plain", 304)]  # the others have the same <lastmod>
    site.pages["/lamp"].lastmod = "2024-06-01T10:00:00Z"  # a new build of the same page
    assert tree.sync(site.address).unchanged == 4
    assert ("/lamp", 304) in site.paths()
    assert tree.sync(site.address).unchanged == 4
    assert "/lamp" not in dict(site.paths())
    site.article("/lamp", "The lamp", LAMP.replace("Abel Strake", "Tom Vane"), lastmod="2024-06-02T10:00:00Z")
    assert tree.sync(site.address).changed == (f"{site.root}/lamp",)


def test_a_day_that_is_not_over_says_nothing(site: SiteServer, tree: RagTree) -> None:
    site.pages["/lamp"].lastmod = datetime.now(UTC).date().isoformat()
    tree.sync(site.address)
    site.paths()
    tree.sync(site.address)
    assert ("/lamp", 304) in site.paths()


def test_a_page_that_says_nothing_of_itself_is_compared(site: SiteServer, tree: RagTree) -> None:
    site.pages["/"].tagged = False
    tree.sync(site.address)
    site.paths()
    again = tree.sync(site.address)
    assert (again.unchanged, again.changed) == (3, ())
    assert site.paths() == [("/", 200)]


def test_what_is_gone_leaves_and_what_fails_stays_and_is_named(site: SiteServer, tree: RagTree) -> None:
    site.article("/quay", "The quay", QUAY)
    tree.sync(site.address)
    site.pages["/quay"].status = 503
    del site.pages["/lamp"]  # no longer in the sitemap
    site.pages["/ferry.php?line=3"] = Page(status=410, lastmod="2024-07-01")
    plan = tree.plan(site.address, measure=False)
    assert sorted(plan.removed) == ids(site, "/lamp", "/ferry.php?line=3")
    report = tree.sync(site.address)
    assert sorted(report.removed) == ids(site, "/lamp", "/ferry.php?line=3")
    assert [(one.source, one.reason) for one in report.skipped] == [
        (f"{site.root}/quay", "the server answers 503; the version from before stays in the index")
    ]
    assert [one.id for one in tree.entries()] == ids(site, "/", "/quay")
    report = tree.sync(site.address)  # it is listed all the same, and named
    assert [one.reason.partition(";")[0] for one in report.skipped] == [
        "the sitemap lists it, but there is no such page (410)",
        "the server answers 503",
    ]
    site.pages["/quay"].status = 200
    assert tree.sync(site.address).unchanged == 2
    site.pages["/sitemap.xml"] = Page(status=500)
    with pytest.raises(StoreError, match="the server answers 500"):
        tree.sync(site.address)
    assert len(tree.entries()) == 2


def test_readers_that_are_new_get_the_page_again(site: SiteServer, tmp_path: Path) -> None:
    site.put("/table.csv", "a,b\n1,2\n3,4\n", kind="text/csv")
    for rows, (skipped, added) in {1: (1, 3), 100: (0, 1)}.items():
        settings = Settings.model_validate({"load": {"max_rows": rows}})
        with RagTree.open(tmp_path / "index", settings, embedder=HashingEmbedder()) as tree:
            report = tree.sync(site.address)
            assert (len(report.skipped), len(report.added)) == (skipped, added)


def test_the_site_says_what_may_be_read(site: SiteServer, tree: RagTree) -> None:
    site.article("/print/lamp?x=1", "Print", LAMP)
    site.put("/robots.txt", "User-agent: *\nDisallow: /*?x=\n\nUser-agent: ragtree\nDisallow: /print/\n")
    report = tree.sync(site.address)
    assert len(report.added) == 3
    assert report.ignored == {"forbidden by robots.txt": 1}
    assert all("/print" not in path for path, _ in site.paths())
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    with pytest.raises(StoreError, match=r"forbidden by robots\.txt"):
        tree.sync(site.address)
    for status in (503, 429):
        site.pages["/robots.txt"] = Page(status=status)
        with pytest.raises(StoreError, match=rf"robots\.txt cannot be read \({status}\)"):
            tree.sync(site.address)
    assert len(tree.entries()) == 3


def test_one_request_at_a_time_with_a_pause(site: SiteServer, tree: RagTree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_host, "PAUSE", 0.1)
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.3\n")
    for number in range(4):
        site.article(f"/page{number}", "A page", QUAY)
    tree.sync(site.address)
    gaps = [later.began - sooner.ended for sooner, later in zip(site.asked, site.asked[1:], strict=False)]
    assert len(gaps) == 8
    assert gaps[0] > 0.09  # robots.txt was not read yet
    assert min(gaps[1:]) > 0.28
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 3600\n")
    with pytest.raises(StoreError, match="3600 s between requests"):
        tree.sync(site.address)


def test_a_busy_server_is_left_alone_as_long_as_it_asks(site: SiteServer, tree: RagTree) -> None:
    site.pages["/busy"] = Page(status=429, wait="1")
    site.pages["/vague"] = Page(status=503, wait="Wed, 01 May 2024 10:00:00 GMT")
    report = tree.sync(site.address)
    after = {one.path: later.began - one.ended for one, later in zip(site.asked, site.asked[1:], strict=False)}
    after.setdefault("/busy", 1.0)  # nothing came after it
    assert after["/busy"] > 0.95
    assert after.get("/vague", 0.0) < 0.9
    assert len(report.skipped) == 2


def test_no_other_host_or_port_is_asked(site: SiteServer, tree: RagTree) -> None:
    with SiteServer() as other:
        other.article("/secret", "Secret", "The password is tulip.")
        site.others = [
            f"{other.root}/secret",
            "http://localhost/x",
            "file:///etc/passwd",
            f"http://u:p@{site.root[7:]}/",
        ]
        for path, target in (("/away", f"{other.root}/secret"), ("/file", "file:///etc/passwd"), ("/moved", "/lamp")):
            site.pages[path] = Page(status=302, location=target)
        site.pages["/round"] = Page(status=301, location="/round")
        report = tree.sync(site.address)
        assert other.asked == []
    assert report.ignored == {"on another host or port": 4}
    assert sorted(report.added) == ids(site, "/", "/lamp", "/ferry.php?line=3", "/moved")
    reasons = {one.source.removeprefix(site.root): one.reason for one in report.skipped}
    assert f"it leads to {site.root[:17]}" in reasons["/away"]
    assert "on another host or port" in reasons["/away"]
    assert "on another host or port" in reasons["/file"]
    assert reasons["/round"] == "it leads on to other addresses more than 5 times"


def test_sitemaps_of_sitemaps_also_packed(site: SiteServer, tree: RagTree) -> None:
    one = f"<urlset><url><loc>{site.root}/lamp</loc></url></urlset>"
    site.put("/sitemap-a.xml.gz", packed(one), kind="application/gzip")
    site.put("/sitemap-b.xml", packed(one.replace("/lamp", "/")), packing="gzip", kind="text/xml")
    names = ("sitemap-a.xml.gz", "sitemap-b.xml", "sitemap-gone.xml", "sitemap.xml")
    rows = "".join(f"<sitemap><loc>{site.root}/{name}</loc></sitemap>" for name in names)
    site.put("/sitemap.xml", f"<sitemapindex>{rows}</sitemapindex>")
    report = tree.sync(site.address)
    assert sorted(report.added) == ids(site, "/", "/lamp")
    assert report.ignored == {"sitemaps that are gone": 1}
    site.pages["/sitemap-b.xml"].status = 502
    with pytest.raises(StoreError, match=r"sitemap-b\.xml: the server answers 502"):
        tree.sync(site.address)
    assert len(tree.entries()) == 2


BOMB = '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BOMB.encode(), "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><urlset/>', "document type"),
        (b"<urlset>" + b"<a>" * 20 + b"</a>" * 20 + b"</urlset>", "nest"),
        (b"<urlset><url><loc>http://x/", "no sitemap, or a broken one"),
        (b'<?xml version="1.0" encoding="shift_jis"?><urlset/>', "no sitemap, or a broken one"),
        (b"<html><body>Welcome</body></html>", "its root is <html>"),
        (b"", "no sitemap"),
        (packed("<urlset/>" + " " * 60_000_000), "unpacks to more than 50 MB"),
        (packed("<urlset/>")[:-4], "its end is missing"),
    ],
)
def test_what_is_no_sitemap_or_a_hostile_one_is_told(site: SiteServer, content: bytes, told: str) -> None:
    site.put("/sitemap.xml", content)
    with pytest.raises(StoreError, match=told):
        source_of(site.address).files()


def test_a_page_has_its_limits(site: SiteServer, tree: RagTree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_host, "_WHOLE", -1.0)
    site.put("/bomb", packed(" " * 60_000_000), packing="gzip")
    site.put("/odd", b"x", packing="br")
    site.article("/large", "Large", QUAY * 60_000)
    source = source_of(site.address)
    with pytest.raises(StoreError, match="takes longer"):
        source.files()
    monkeypatch.setattr(web_host, "_WHOLE", 60.0)
    tree.settings = tree.settings.model_copy(
        update={"load": tree.settings.load.model_copy(update={"max_megabytes": 1.0})}
    )
    reasons = {one.source.removeprefix(site.root): one.reason for one in tree.sync(site.address).skipped}
    assert reasons == {
        "/bomb": "it unpacks to more than 50 MB",
        "/odd": "it is sent as 'br', which was not asked for",
        "/large": "1 MB, more than load.max_megabytes = 1",
    }


def test_an_address_that_is_none_is_told(site: SiteServer) -> None:
    for address in ("http://user:secret@host/sitemap.xml", "http://", "https://host:x/"):
        with pytest.raises(NothingToIndexError, match="name one as https://host") as caught:
            source_of(address)
        assert "secret" not in str(caught.value)
    del site.pages["/"]
    with pytest.raises(NothingToIndexError, match=r"there is no http://.*/nothing\.xml"):
        source_of(f"{site.root}/nothing.xml").files()
    with pytest.raises(StoreError, match="no answer"):
        source_of("http://127.0.0.1:1/sitemap.xml").files()


def test_the_command_indexes_a_site_and_asks_it(site: SiteServer, tmp_path: Path) -> None:
    index = ("--index", tmp_path / "index", "--llm", "none")
    first = ragtree("index", site.address, *index)
    assert (first.status, "3 added" in first.err) == (0, True)
    asked = ragtree("ask", site.address, "Who is the keeper of the lamp?", *index)
    assert "Abel Strake" in asked.out
    assert f"{site.root}/lamp" in asked.out + asked.err

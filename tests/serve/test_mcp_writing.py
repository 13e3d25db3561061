"""What --write adds, and several collections."""

from __future__ import annotations

import pytest
from mcp_served import DOCUMENTS, app_for, awaited, talking, write_folder
from running_app import running


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "docs", DOCUMENTS)


@awaited
async def test_documents_are_added_found_replaced_and_removed(folder):
    with running(app_for([folder], write=True)) as address:
        async with talking(address) as talk:
            tools = {tool.name: tool.annotations for tool in (await talk.client.list_tools()).tools}
            for name in ("add_document", "remove_document"):
                assert tools[name].read_only_hint is False
                assert tools[name].destructive_hint is True
            assert tools["search"].read_only_hint is True
            note = {"id": "notes/1", "text": "The ferry Marigold sails on Mondays.", "title": "The ferry"}
            added = await talk.call("add_document", **note, metadata={"author": "Venn", "tags": ["sea", "ship"]})
            assert added == {"id": "notes/1", "done": "added", "documents": 4}
            found = await talk.call("search", query="When does the ferry Marigold sail?")
            assert (found["results"][0]["id"], found["results"][0]["title"]) == ("notes/1", "The ferry")
            fetched = await talk.call("fetch", id="notes/1")
            assert fetched["text"] == note["text"]
            assert fetched["metadata"]["tags"] == ["sea", "ship"]
            by_author = await talk.call("documents", where={"author": "Venn"})
            assert [one["id"] for one in by_author["documents"]] == ["notes/1"]
            again = await talk.call("add_document", id="notes/1", text="The ferry sails on Fridays.")
            assert again["done"] == "replaced"
            gone = await talk.call("remove_document", id="notes/1")
            assert gone == {"id": "notes/1", "done": "removed", "documents": 3}
            assert "'notes/1'" in await talk.failure("fetch", id="notes/1")
            assert (await talk.call("status"))["writes"]


@awaited
async def test_files_of_the_folder_are_left_alone(folder):
    with running(app_for([folder], write=True)) as address:
        async with talking(address) as talk:
            assert "a file of the folder" in await talk.failure("remove_document", id="bell.md")
            assert "a file of the folder" in await talk.failure("add_document", id="bell.md", text="No bell.")
            assert "'nothing'" in await talk.failure("remove_document", id="nothing")
            assert (await talk.call("fetch", id="bell.md"))["text"] == DOCUMENTS["bell.md"]
    assert (folder / "bell.md").exists()


@awaited
async def test_a_name_outside_of_the_folder_is_only_a_name(folder):
    (folder.parent / "secret.md").write_text("secret", encoding="utf-8")
    with running(app_for([folder], write=True)) as address:
        async with talking(address) as talk:
            for name in ("secret.md", "parts/secret.md", "long" * 100):
                assert (await talk.call("add_document", id=name, text="Not that file."))["done"] == "added"
                assert (await talk.call("remove_document", id=name))["done"] == "removed"
            for name in ("../secret.md", str(folder.parent / "secret.md"), "a/./b", "a//b", "a\0b"):
                assert "part of an address" in await talk.failure("add_document", id=name, text="Not that file.")
    assert (folder.parent / "secret.md").read_text(encoding="utf-8") == "secret"


@awaited
async def test_what_cannot_be_kept_is_said(folder):
    with running(app_for([folder], write=True)) as address:
        async with talking(address) as talk:
            assert "text:" in await talk.failure("add_document", id="a", text="")
            assert "metadata" in await talk.failure("add_document", id="a", text="b", metadata={"x": {"y": 1}})


@awaited
async def test_two_collections_are_asked_by_name(tmp_path):
    harbour = write_folder(tmp_path / "one" / "Docs", DOCUMENTS)
    school = write_folder(tmp_path / "two" / "Docs", {"rules.md": "# Rules\n\nThe school opens at eight.\n"})
    with running(app_for([harbour, school])) as address:
        async with talking(address) as talk:
            for tool in (await talk.client.list_tools()).tools:
                assert tool.input_schema["properties"]["collection"]["enum"] == ["Docs", "Docs-2"]
                assert "collection" not in tool.input_schema.get("required", [])
            first = await talk.call("search", query="When does the school open?")
            assert "rules.md" not in [one["id"] for one in first["results"]]
            second = await talk.call("search", query="When does the school open?", collection="Docs-2")
            assert second["results"][0]["url"] == f"{address}/Docs-2/documents/rules.md"
            assert "'rules.md'" in await talk.failure("fetch", id="rules.md")
            assert (await talk.call("fetch", id="rules.md", collection="Docs-2"))["title"] == "Rules"
            assert "Docs, Docs-2" in await talk.failure("search", query="bell", collection="Other")
            names = [one["name"] for one in (await talk.call("status"))["collections"]]
            assert names == ["Docs", "Docs-2"]
            (only,) = (await talk.call("status", collection="Docs-2"))["collections"]
            assert only["name"] == "Docs-2"
            uris = [one.uri for one in (await talk.client.list_resources()).resources]
            assert "ragtree://Docs/bell.md" in uris
            assert "ragtree://Docs-2/rules.md" in uris

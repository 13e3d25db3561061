"""What is in archives is read with the limits of any other file, in memory; what is wrong with them is said."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree.load.limits import ARCHIVE_LIMITS, ArchiveLimits, limits_fingerprint
from ragtree.load.members import members_of
from ragtree.settings import LoadSettings

LIMITS = LoadSettings()
LINK = 0o120777 << 16


def zipped(members: Mapping[str, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packing) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return data.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return data.getvalue()


def read(
    data: bytes, source: str = "a.zip", limits: LoadSettings = LIMITS, archives: ArchiveLimits = ARCHIVE_LIMITS
) -> dict[str, bytes | str]:
    """Bytes or the reason by source, in their order."""
    return {member.source: member.reason or member.data for member in members_of(data, source, limits, archives)}


def test_members_are_named_by_the_archive_and_their_path() -> None:
    data = zipped({"b.txt": "two", "in/a.txt": "one", "empty/": ""})
    assert read(data, "x/old.ZIP") == {"x/old.ZIP/b.txt": b"two", "x/old.ZIP/in/a.txt": b"one"}


@pytest.mark.parametrize(
    ("source", "mode"),
    [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.txz", "w:xz")],
)
def test_tar_files_are_read_however_they_are_packed(source: str, mode: str) -> None:
    data = tarred({"./b.txt": b"two", "in/a.txt": b"one"}, mode)
    assert read(data, source) == {f"{source}/b.txt": b"two", f"{source}/in/a.txt": b"one"}


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_a_packed_file_is_the_file_that_it_was(ending: str, pack: type) -> None:
    assert read(pack(b"text"), "a.txt" + ending) == {f"a.txt{ending}/a.txt": b"text"}  # type: ignore[call-arg]


def test_any_other_file_is_itself() -> None:
    assert read(b"text", "a.txt") == {"a.txt": b"text"}
    assert read(b"", "a.zip") == {"a.zip": b""}


def test_archives_in_archives_are_opened_to_a_depth() -> None:
    inner = zipped({"x.txt": "deep"})
    for name in ("c.zip", "b.zip"):
        inner = zipped({name: inner})
    assert read(inner) == {"a.zip/b.zip/c.zip/x.txt": b"deep"}
    (reason,) = read(inner, archives=ArchiveLimits(max_depth=2)).values()
    assert reason == "an archive deeper in archives than 2 levels; unpack the outer one"
    assert read(inner, archives=ArchiveLimits(max_depth=0)) == {
        "a.zip": "an archive deeper in archives than 0 levels; unpack the outer one"
    }


def test_a_packed_file_that_holds_itself_ends() -> None:
    data = b"text"
    for _ in range(6):
        data = gzip.compress(data)
    ((source, reason),) = read(data, "quine.gz").items()
    assert source == "quine.gz/quine.gz/quine.gz/quine.gz"
    assert "than 3 levels" in str(reason)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a.txt", "a/../../b.txt", "C:\\a.txt", "..\\a.txt", "\\\\server\\a.txt", "a\nb.txt"]
)
def test_a_name_that_leads_elsewhere_or_is_none_is_refused(name: str) -> None:
    for source, data in (
        ("a.zip", zipped({name: "x", "ok.txt": "x"})),
        ("a.tar", tarred({name: b"x", "ok.txt": b"x"}, "w")),
    ):
        found = read(data, source)
        assert found.pop(f"{source}/ok.txt") == b"x"
        ((key, reason),) = found.items()
        assert reason in ("its name leads out of the archive", "its name is not readable text")
        assert "\n" not in key


def test_links_and_devices_are_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        entry = zipfile.ZipInfo("link.txt")
        entry.external_attr = LINK
        archive.writestr(entry, "/etc/passwd")
    assert read(data.getvalue()) == {"a.zip/link.txt": "a link"}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, kind in (
            ("s", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("d", tarfile.CHRTYPE),
            ("f", tarfile.FIFOTYPE),
        ):
            made = tarfile.TarInfo(name)
            made.type, made.linkname = kind, "/etc/passwd"
            tar.addfile(made)
    assert read(data.getvalue(), "a.tar") == {
        "a.tar/s": "a link",
        "a.tar/h": "a link",
        "a.tar/d": "a device",
        "a.tar/f": "a device",
    }


def test_locked_members_are_named() -> None:
    data = bytearray(zipped({"a.txt": "secret"}, zipfile.ZIP_STORED))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # as the directory says it
    assert read(bytes(data)) == {"a.zip/a.txt": "locked with a password"}


def test_what_a_system_leaves_behind_is_passed_over() -> None:
    assert read(zipped({"__MACOSX/._a.txt": "x", ".DS_Store": "x", "in/.hidden/b.txt": "x", "a.txt": "x"})) == {
        "a.zip/a.txt": b"x"
    }


def test_a_second_member_of_a_name_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", "one")
        archive.writestr("a.txt", "two")
    members = list(members_of(data.getvalue(), "a.zip", LIMITS))
    assert [member.reason for member in members] == ["", "a second member of this name"]


ZEROS = b"\0" * 20_000_000


@pytest.mark.parametrize(
    ("data", "source", "limits", "reason"),
    [
        (
            zipped({"a.txt": ZEROS}),
            "a.zip",
            {},
            "unpacks to more than 200 times its size; unpack it if you trust it",
        ),
        (
            tarred({"a.txt": ZEROS}),
            "a.tgz",
            {},
            "unpacks to more than 200 times its size; unpack it if you trust it",
        ),
        (
            gzip.compress(ZEROS, mtime=0),
            "a.gz",
            {},
            "unpacks to more than 200 times its size; unpack it if you trust it",
        ),
        (
            lzma.compress(ZEROS),
            "a.xz",
            {},
            "unpacks to more than 200 times its size; unpack it if you trust it",
        ),
        (
            zipped({f"{n}.txt": b"x" * 600_000 for n in range(3)}, zipfile.ZIP_STORED),
            "a.zip",
            {"max_unpacked_megabytes": 1.5},
            "unpacks to more than 1.5 MB; unpack it if you trust it",
        ),
        (
            zipped({f"{n}.txt": "x" for n in range(9)}),
            "a.zip",
            {"max_members": 8},
            "holds more than 8 files; unpack it, or none beyond are read",
        ),
        (
            zipped({f"{n}" + "x" * 300: "x" for n in range(200)}),
            "a.zip",
            {"max_members": 8},
            "its directory is longer than 8 files need, which is the most that are read",
        ),
        (b"PK\x03\x04 broken", "a.zip", {}, "a broken zip file, or none"),
        (b"no tar at all", "a.tar", {}, "a broken tar file, or none (ReadError)"),
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "a.gz", {}, "a broken packed file, or none (EOFError)"),
    ],
)
def test_an_archive_past_a_limit_is_refused_as_a_whole(
    data: bytes, source: str, limits: dict[str, Any], reason: str
) -> None:
    assert read(data, source, archives=ArchiveLimits(**limits)) == {source: reason}


def test_a_large_member_is_named_and_the_others_are_read() -> None:
    data = zipped({"a.txt": "one", "b.txt": zlib.compress(b"x") * 200_000, "c.txt": "three"}, zipfile.ZIP_STORED)
    limits = LoadSettings(max_megabytes=1)
    found = read(data, limits=limits)
    assert (found["a.zip/a.txt"], found["a.zip/c.txt"]) == (b"one", b"three")
    assert "more than load.max_megabytes = 1" in str(found["a.zip/b.txt"])


def test_the_budget_is_that_of_all_nested_archives_together() -> None:
    inner = zipped({"x.txt": b"x" * 400_000}, zipfile.ZIP_STORED)
    data = zipped({f"{n}.zip": inner for n in range(5)}, zipfile.ZIP_STORED)
    found = read(data, archives=ArchiveLimits(max_unpacked_megabytes=3))
    assert len(found) < 5
    assert found["a.zip"] == "unpacks to more than 3 MB; unpack it if you trust it"


def test_names_without_a_mark_are_read_by_their_letters() -> None:
    for name, encoding in (("日本語の文書の名前.txt", "shift_jis"), ("Übersicht über das Büro.txt", "utf-8")):
        raw = name.encode(encoding)
        data = zipped({"n" * len(raw): "text"}).replace(b"n" * len(raw), raw)
        assert read(data) == {f"a.zip/{name}": b"text"}


def test_a_damaged_member_costs_itself_alone() -> None:
    data = zipped({"a.txt": "first words", "b.txt": "second words"}, zipfile.ZIP_STORED)
    found = read(data.replace(b"first words", b"FIRST words"))
    assert found == {"a.zip/a.txt": "could not be unpacked (BadZipFile)", "a.zip/b.txt": b"second words"}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["a.zip", "a.tar", "a.tgz", "a.gz", "a.xz"]),
    st.integers(0, 400),
    st.binary(min_size=1, max_size=6),
    st.booleans(),
)
def test_damage_anywhere_gives_members_or_reasons(source: str, at: int, damage: bytes, cut: bool) -> None:
    whole = {
        "a.zip": zipped({"in/x.txt": "one", "y.txt": "two" * 50}),
        "a.tar": tarred({"x.txt": b"one", "y.txt": b"two" * 50}, "w"),
        "a.tgz": tarred({"x.txt": b"one", "y.txt": b"two" * 50}),
        "a.gz": gzip.compress(b"one" * 50),
        "a.xz": lzma.compress(b"one" * 50),
    }[source]
    at = at * len(whole) // 400
    broken = whole[:at] + damage + (b"" if cut else whole[at + len(damage) :])
    for member in members_of(broken, source, LIMITS):
        assert member.source.startswith(source)
        assert "\n" not in member.reason


def test_backslashes_between_folders_of_an_archive_are_slashes() -> None:
    files = {"in\\deep\\a.txt": b"one", ".\\b.txt": b"two", ".git\\config": b"x", "in\\": b"", "mixed/in\\c.txt": b"3"}
    wanted = {"in/deep/a.txt": b"one", "b.txt": b"two", "mixed/in/c.txt": b"3"}
    assert read(zipped(files)) == {f"a.zip/{name}": text for name, text in wanted.items()}
    del files["in\\"]
    assert read(tarred(files), "a.tgz") == {f"a.tgz/{name}": text for name, text in wanted.items()}


@pytest.mark.parametrize("name", ["..\\a.txt", "in\\..\\..\\a.txt", "C:\\a.txt", "\\a.txt", "\\\\host\\share\\a.txt"])
def test_a_backslash_leads_out_of_no_archive(name: str) -> None:
    for data, source in (
        (zipped({name: b"x", "ok.txt": b"y"}), "a.zip"),
        (tarred({name: b"x", "ok.txt": b"y"}), "a.tgz"),
    ):
        found = read(data, source)
        assert found.pop(f"{source}/ok.txt") == b"y"
        assert list(found.values()) == ["its name leads out of the archive"]


def test_half_a_letter_of_shift_jis_is_no_backslash() -> None:
    name = "表と能力について.txt"
    assert b"\\" in name.encode("shift_jis")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        entry = zipfile.ZipInfo("x" * len(name.encode("shift_jis")))
        archive.writestr(entry, "words")
    raw = data.getvalue().replace(entry.filename.encode(), name.encode("shift_jis"))
    assert read(raw) == {f"a.zip/{name}": b"words"}


@pytest.mark.parametrize("name", ["CON", "aux.txt", "notes.", "notes ", "x" * 300 + ".txt"])
def test_members_may_have_names_that_are_no_files_names(name: str) -> None:
    assert read(zipped({name: b"x"})) == {f"a.zip/{name}": b"x"}
    assert read(tarred({name: b"x"}), "a.tgz") == {f"a.tgz/{name}": b"x"}


def test_files_that_were_refused_are_not_read_again_as_the_limits_are_those_of_earlier_indexes() -> None:
    assert limits_fingerprint(LIMITS) == (
        '{"max_megabytes":50.0,"max_pages":5000,"max_rows":200000,"max_seconds":120.0,"max_memory_megabytes":2048,'
        '"max_depth":3,"max_members":10000,"max_unpacked_megabytes":500.0,"max_ratio":200,"ocr":true}'
    )
    assert limits_fingerprint(LoadSettings(workers=3)) == limits_fingerprint(LIMITS)
    assert limits_fingerprint(LoadSettings(max_pages=9)) != limits_fingerprint(LIMITS)

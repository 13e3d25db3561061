"""What a message is made of: nothing in it disappears without being named."""

from __future__ import annotations

import base64
import io
import mailbox
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from packing import packed, word
from reading import read, where
from test_mail import mail

from ragtree.load.readers.mailbox import messages_of
from ragtree.load.readers.text_versions import merged
from ragtree.types import Document

HEAD = "From: a@example.com\nSubject: Ferry\nMIME-Version: 1.0\n"
PLAIN = "Content-Type: text/plain\n\n"
HTML = "Content-Type: text/html\n\n"


def parts(kind: str, *inside: str, boundary: str = "b", after: str = "") -> str:
    """A message with these parts; each begins with its own headers."""
    between = "".join(f"--{boundary}\n{part}\n" for part in inside)
    return f'{HEAD}Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{between}--{boundary}--\n{after}'


def inner(kind: str, *inside: str) -> str:
    return parts(kind, *inside, boundary="inner").removeprefix(HEAD)


def body(document: Document) -> str:
    return document.text.removeprefix("Ferry\n\nFrom: a@example.com").strip()


# --- the same text in several forms


def test_forms_that_say_different_things_are_both_read() -> None:
    message = parts("alternative", f"{PLAIN}We meet on Monday at 5.", f"{HTML}<p>We meet on Tuesday at 5.</p>")
    assert body(read(message, "a.eml")) == "We meet on Monday at 5.\n\nWe meet on Tuesday at 5."


def test_of_the_richer_form_only_what_is_new_is_read() -> None:
    plain = "*Ferry*\nIt leaves [https://example.com/x?id=1] at\nnine.\n\nFares: 5"
    page = "<h1>Ferry</h1><p>It leaves at nine.</p><p>Fares: 5</p><p>Bring a coat.</p>"
    message = parts("alternative", PLAIN + plain, HTML + page)
    assert body(read(message, "a.eml")) == f"{plain}\n\nBring a coat."


def test_a_stub_stands_below_the_page_that_it_hints_at() -> None:
    page = "<p>The fair opens on 14 June.</p>" + "<p>The band plays on the quay.</p>"
    message = parts("alternative", f"{PLAIN}No HTML here.", inner("related", HTML + page))
    assert body(read(message, "a.eml")) == (
        "The fair opens on 14 June.\n\nThe band plays on the quay.\n\nNo HTML here."
    )


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        (["Pay 5 on Monday and 7 on Tuesday.", "Pay 7 on Monday and 5 on Tuesday."], 2),
        (["吾輩は猫である。\n名前はまだ無い。どこで生れたか", "吾輩は猫である。名前はまだ無い。\nどこで生れたか"], 1),
        (["Cafe\u0301 at 9", "Café at 9"], 1),
        (["one two", "ONE “two”!"], 1),
        (["", "only this"], 1),
        (["2012 boats", "12"], 2),
        (["", ""], 0),
    ],
)
def test_forms_are_compared_by_their_words_and_order(forms: list[str], text: int) -> None:
    assert len([part for part in merged(forms).split("\n\n") if part]) == text


def test_a_file_that_only_one_form_has_is_read() -> None:
    offer = 'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="offer.txt"\n\n740 euros'
    message = parts("alternative", f"{PLAIN}See the offer.", inner("mixed", f"{HTML}<p>See the offer.</p>", offer))
    document = read(message, "a.eml")
    assert body(document) == "See the offer.\n\nAttachment: offer.txt\n\n740 euros"


EVENT = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nDTSTART:20250614T120000Z\nSUMMARY:Planning\n"
    "LOCATION:Boathouse\\, room 7\nORGANIZER;CN=Ada Finch:mailto:ada@example.com\nEND:VEVENT\nEND:VCALENDAR\n"
)


def test_an_invitation_is_read_once_however_often_it_is_sent() -> None:
    calendar = f"Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\n{EVENT}"
    again = f'Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment\n\n{EVENT}'
    message = parts("mixed", inner("alternative", f"{PLAIN}You are invited.", calendar), again)
    document = read(message, "a.eml")
    assert "Planning\n\nStarts: 2025-06-14 12:00 UTC\nPlace: Boathouse, room 7\nOrganizer: Ada Finch" in document.text
    assert document.text.count("Boathouse") == 1
    assert document.text.endswith("Attachment: invite.ics (the same as above)")


# --- messages in messages

OLD = f"{HEAD.replace('Ferry', 'Tides')}\nThey turn twice.\n"
ENCODED = base64.encodebytes(OLD.encode()).decode()


@pytest.mark.parametrize(
    "attached",
    [
        f"Content-Type: message/rfc822\n\n{OLD}",
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{ENCODED}",
        f"Content-Type: message/global\nContent-Disposition: attachment; filename=old.eml\n\n{OLD}",
        f'Content-Type: application/octet-stream; name="old.EML"\nContent-Transfer-Encoding: base64\n\n{ENCODED}',
        f'Content-Type: application/octet-stream; name="old.mbox"\n\nFrom a@b.c Mon Jun  2 10:00:00 2025\n{OLD}',
    ],
)
def test_an_attached_message_is_read_below_the_other(attached: str) -> None:
    document = read(parts("mixed", f"{PLAIN}See below.", attached), "a.eml")
    assert where(document, "They turn twice.").heading == ("Ferry", "Tides")
    assert "See below." in document.text


def test_messages_of_a_digest_are_read() -> None:
    document = read(parts("digest", f"\n{OLD}", f"\n{OLD.replace('Tides', 'Wind')}"), "a.eml")
    assert [mark.location.heading for mark in document.marks][-1] == ("Ferry", "Wind")
    assert document.text.count("They turn twice.") == 2


def test_messages_that_nest_too_deep_are_named() -> None:
    message = mail("innermost", "Last")
    for number in range(9):
        outer = mail(f"text {number}", f"Subject {number}")
        outer.add_attachment(message.as_bytes(), maintype="application", subtype="octet-stream", filename="m.eml")
        message = outer
    document = read(message.as_bytes(), "a.eml")
    assert "text 4" in document.text and "text 2" not in document.text
    assert "(more than 5 levels of messages within messages)" in document.text
    assert len(document.notices) == 1


def test_an_archive_in_a_mail_is_opened() -> None:
    minutes = word("<w:p><w:r><w:t>The board met.</w:t></w:r></w:p>")
    files: dict[str, str | bytes] = {"a/minutes.docx": minutes, "old.eml": OLD, "x.bin": b"\0\1" * 40}
    message = mail()
    message.add_attachment(packed(files), maintype="application", subtype="zip", filename="all.zip")
    document = read(message.as_bytes(), "a.eml")
    assert where(document, "The board met.").heading[-1] == "Attachment: all.zip/a/minutes.docx"
    assert where(document, "They turn twice.").heading[-1] == "Tides"
    assert "Attachment: all.zip/x.bin (.bin is not a format that is read)" in document.text
    assert any("all.zip/x.bin" in notice for notice in document.notices)


# --- parts that are not read, and reports


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("Content-Type: image/png\nContent-ID: <logo>\n\nx", "Parts without a name or a text: image/png (1)"),
        ("Content-Type: application/pgp-signature\n\nx", "application/pgp-signature (1)"),
        ('Content-Type: application/pkcs7-signature; name="smime.p7s"\n\nx', "smime.p7s (a signature)"),
        ('Content-Type: application/octet-stream; name="smime.p7m"\n\nx', "smime.p7m (encrypted, or wrapped in"),
        ('Content-Type: application/ms-tnef; name="winmail.dat"\n\nx', "winmail.dat (a package of Outlook (TNEF)"),
        (
            "Content-Type: application/octet-stream; name=a.dat\nContent-Transfer-Encoding: base64\n\neJ8+Ig==",
            "a.dat (a package of Outlook (TNEF)",
        ),
        ('Content-Type: audio/mpeg; name="a.mp3"\n\nx', "a.mp3 (audio)"),
        ("Content-Type: application/octet-stream\n\n", "without a name (application/octet-stream) (it is empty)"),
        ("Content-Type: application/x-unknown\n\n\x01\x02\x03", "without a name (application/x-unknown) (this kind"),
        ('Content-Type: application/pdf; name="x.pdf"\n\n%PDF-1.7', "x.pdf (a broken PDF, or none)"),
    ],
)
def test_what_is_not_read_is_named(part: str, name: str) -> None:
    document = read(parts("mixed", f"{PLAIN}See.", part, f"{PLAIN}The end."), "a.eml")
    assert name in document.text
    assert "See.\n\nThe end." in document.text


def test_a_text_without_a_name_is_read_by_its_kind() -> None:
    table = "Content-Type: text/csv\nContent-Disposition: attachment\n\nport,tide\nLeith,5\nSkye,4\n"
    assert "port: Skye; tide: 4" in read(parts("mixed", f"{PLAIN}See.", table), "a.eml").text


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b',
        "Content-Type: application/x-pkcs7-mime; name=smime.p7m",
    ],
)
def test_an_encrypted_message_says_so(head: str) -> None:
    document = read(f"{HEAD}{head}\n\n--b\n{PLAIN}x\n--b--\n", "a.eml")
    assert body(document) == "(The message is encrypted.)"
    assert document.notices == ("encrypted messages: 1, not read",)


def test_what_is_inside_of_a_signature_is_not_called_encrypted() -> None:
    document = read(f"{HEAD}Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nAAAA\n", "a.eml")
    assert "signature" in document.text and "encrypted" not in document.text
    assert len(document.notices) == 1


def test_a_delivery_report_says_why() -> None:
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nStatus: 5.1.1\nAction: failed\n"
    back = "Content-Type: text/rfc822-headers\n\nSubject: Lunch\nTo: bob@example.com"
    document = read(parts("report; report-type=delivery-status", f"{PLAIN}Not delivered.", status, back), "a.eml")
    assert body(document) == (
        "Not delivered.\n\nReporting-MTA: dns; mx\n\n"
        "Status: 5.1.1\nAction: failed\n\nSubject: Lunch\nTo: bob@example.com"
    )


def test_a_receipt_is_read() -> None:
    receipt = (
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;bob@example.com\nDisposition: read"
    )
    document = read(parts("report", f"{PLAIN}It was read.", receipt), "a.eml")
    assert "Final-Recipient: rfc822;bob@example.com\nDisposition: read" in document.text


# --- broken ones


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: multipart/mixed; boundary=other",
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed boundary=b",
        "Content-Type: multipart/mixed; boundary*0*=x''a; boundary*=b",
    ],
)
def test_parts_are_found_by_the_boundaries_that_are_there(head: str) -> None:
    message = f"{HEAD}{head}\n\n--b\n{PLAIN}It leaves.\n--b\n{HTML}<p>At nine.</p>\n--b--\n"
    assert body(read(message, "a.eml")) == "It leaves.\n\nAt nine."


def test_a_message_without_its_parts_is_text() -> None:
    message = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\nIt leaves.\n-- \nAda\n"
    assert body(read(message, "a.eml")) == "It leaves.\n-- \nAda"


def test_a_message_that_breaks_off_is_read() -> None:
    message = parts("mixed", f"{PLAIN}It leaves.", f"{HTML}<p>At nine.</p>").removesuffix("--b--\n")
    assert body(read(message, "a.eml")) == "It leaves.\n\nAt nine."


def test_what_a_list_adds_below_the_parts_is_read() -> None:
    message = parts("mixed", f"{PLAIN}It leaves.", after="To leave the list write to list@example.com\n")
    assert body(read(message, "a.eml")) == "It leaves.\n\nTo leave the list write to list@example.com"


@pytest.mark.parametrize("text", ["\n", "\n   \n", ""])
def test_a_mail_without_a_body_is_its_headers(text: str) -> None:
    assert read(f"{HEAD}{text}", "a.eml").text == "Ferry\n\nFrom: a@example.com"


def test_a_mail_that_is_only_a_file_is_read() -> None:
    message = 'Subject: Ferry\nContent-Type: text/csv; name="t.csv"\n\nport,tide\nLeith,5\nSkye,4\n'
    assert read(message, "a.eml").text == "Ferry\n\nAttachment: t.csv\n\nport: Leith; tide: 5\n\nport: Skye; tide: 4"


# --- encodings

EURO = "Fällig: 250 € – “bar”"


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("iso-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("ansi_x3.4-1968", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("utf-8", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("utf-8", "cp1252"),
        ("x-unknown", "utf-8"),
        ('"UTF-8"', "utf-8"),
        ("utf-7", "utf-7"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_label_means_what_the_web_means_by_it(label: str, encoding: str) -> None:
    head = f"Subject: Ferry\nContent-Transfer-Encoding: base64\nContent-Type: text/plain; charset={label}\n\n"
    assert read(head.encode() + base64.encodebytes(EURO.encode(encoding)), "a.eml").text == f"Ferry\n\n{EURO}"


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    ("encoding", "label", "text"),
    [
        ("shift_jis", "shift_jis", "①は丸数字である。"),
        ("euc_kr", "ks_c_5601-1987", "배는 아홉 시에 떠난다"),
        ("gb18030", "gb2312", "渡船九点开。镕"),
        ("iso2022_jp", "us-ascii", "吾輩は猫である。名前はまだ無い。"),
        ("koi8-r", "koi8-r", "Паром уходит в девять"),
    ],
)
def test_other_scripts_are_read(kind: str, encoding: str, label: str, text: str) -> None:
    data = text.encode({"shift_jis": "cp932"}.get(encoding, encoding))
    head = f"Subject: Ferry\nContent-Transfer-Encoding: 8bit\nContent-Type: text/{kind}; charset={label}\n\n"
    assert read(head.encode() + data, "a.eml").text == f"Ferry\n\n{text}"


def test_a_page_is_read_by_its_own_word_where_the_part_says_nothing() -> None:
    page = f'<meta charset="windows-1252"><p>{EURO}</p>'.encode("cp1252")
    assert read(b"Subject: Ferry\nContent-Type: text/html\n\n" + page, "a.eml").text == f"Ferry\n\n{EURO}"
    other = b"Subject: Ferry\nContent-Type: text/html; charset=windows-1251\n\n" + "<meta charset=latin1>Паром".encode(
        "cp1251"
    )
    assert read(other, "a.eml").text == "Ferry\n\nПаром"


def test_an_attached_text_is_read_by_the_encoding_of_its_part() -> None:
    part = "Content-Type: text/plain; charset=koi8-r; name*=koi8-r''%C4%CF%CB.txt\nContent-Transfer-Encoding: 8bit\n\n"
    message = parts("mixed", f"{PLAIN}See.", part + "TEXT").encode().replace(b"TEXT", "Паром".encode("koi8-r"))
    assert read(message, "a.eml").text.endswith("Attachment: док.txt\n\nПаром")


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (b"=?iso-8859-1?Q?250_=80_=96_?= =?ISO-8859-1?Q?=93bar=94?=", "250 € – “bar”"),
        (b"=?utf-8?B?4oI=?=\n =?utf-8?B?rA==?= each", "€ each"),
        (b"=?utf-8*de?Q?F=C3=A4hre?= ab =?windows-1251?B?z+Dw7uw=?=", "Fähre ab Паром"),
        (b"=?gb2312?B?tsm0rA==?=", "渡船"),
        (b"=?x-unknown?Q?F=C3=A4hre?=", "Fähre"),
        (b"=?utf-8?B?!?= =?utf-8?Q?F=C3=A4hre?=", "Fähre"),
        ("Fähre 250 €".encode(), "Fähre 250 €"),
        ("Fähre 250 €".encode("cp1252"), "Fähre 250 €"),
        (b"Re: =?utf-8?Q?a_b?= (=?utf-8?Q?c?=)", "Re: a b (c)"),
    ],
)
def test_headers_are_decoded_whatever_they_say(line: bytes, subject: str) -> None:
    assert read(b"Subject: " + line + b"\n\nx\n", "a.eml").title.endswith(subject)


def test_lines_that_were_cut_inside_of_words_are_joined() -> None:
    head = "Subject: Ferry\nContent-Type: text/plain; format=Flowed; delsp=yes\n\n"
    assert "フェリーは九時" in read(f"{head}フェリー \nは九時\n", "a.eml").text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mail_that_an_editor_has_saved_is_read(encoding: str) -> None:
    assert read("\r\nSubject: Fähre\r\n\r\nx\r\n".encode(encoding), "a.eml").title == "Fähre"


def test_mail_of_apple_and_saved_pages_are_mail() -> None:
    assert read(f"{len(OLD)}\n{OLD}<?xml version='1.0'?><plist/>", "a.emlx").text.endswith("They turn twice.")
    picture = "Content-Type: image/gif\nContent-Location: https://example.com/a.gif\n\nx"
    looks = "Content-Type: text/css\nContent-Location: https://example.com/a.css\n\np {}"
    page = parts("related", f"{HTML}<h1>Tides</h1><p>They turn.</p>", picture, looks, picture)
    assert body(read(page, "a.mhtml")) == (
        "Tides\n\nThey turn.\n\nParts without a name or a text: image/gif (2), text/css (1)"
    )


# --- mailboxes


def test_a_line_that_begins_with_from_is_text() -> None:
    lines = (
        "From Tuesday the ferry leaves at nine.\nNote: the fare stays.",
        "From Mon Jun 2 on: nothing\nNote: x",
        "From Ada, Mon Jun  2 10:00:00 2025 she wrote",
    )
    for line in lines:
        box = f"From a@b.c Mon Jun  2 10:00:00 2025\nSubject: One\n\nDear crew,\n\n{line}\n\nRegards\n"
        assert read(box, "a.mbox").text == f"One\n\nDear crew,\n\n{line}\n\nRegards"


@pytest.mark.parametrize(
    "between",
    [
        "From a@b.c Mon Jun  2 10:00:00 2025",
        "From a@b.c Mon Jun  2 10:00 2025",
        "From - Mon Jun 02 10:00:00 2025",
        "From MAILER-DAEMON Mon Jun  2 10:00:00 2025",
        "From a at b.c  Mon Jun  2 10:00:00 2025",
        "From 1833 @xxx Mon Jun 02 10:00:00 +0000 2025",
        "From a@b.c Mon Jun  2 10:00:00 PDT 2025",
        "From a@b.c Mon Jun  2 10:00:00 2025 +0200",
        "From a@b.c Mon, 02 Jun 2025 10:00:00 +0000",
        "From a@b.c Mon Jun  2 10:00:00 2025 remote from b",
        "From a@b.c 2025-06-02 10:00:00",
    ],
)
def test_a_line_with_a_date_parts_two_messages(between: str) -> None:
    box = f"{between}\nSubject: One\n\nfirst\n\n{between}\r\nSubject: Two\r\n\r\nsecond\r\n"
    document = read(box, "a.mbox")
    assert (where(document, "first").heading, where(document, "second").heading) == (("One",), ("Two",))
    assert "2025" not in document.text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (">From here on", "From here on"),
        (">>From here on", ">From here on"),
        ("> From here on", "> From here on"),
        (">Fromage", ">Fromage"),
    ],
)
def test_what_was_put_before_a_line_is_taken_away(stored: str, text: str) -> None:
    box = f"From a@b.c Mon Jun  2 10:00:00 2025\nSubject: One\n\nDear crew,\n{stored}\n"
    assert read(box, "a.mbox").text == f"One\n\nDear crew,\n{text}"


def test_a_counted_message_may_hold_the_line_that_parts_messages() -> None:
    between = "From a@b.c Mon Jun  2 10:00:00 2025\n"
    text = f"It began:\n\n{between}Subject: Old\n\n>From then on\n"
    box = f"{between}Subject: One\nContent-Length: {len(text)}\n\n{text}\n{between}Subject: Two\n\nsecond\n"
    document = read(box, "a.mbox")
    assert list(dict.fromkeys(mark.location.heading for mark in document.marks)) == [("One",), ("Two",)]
    assert between.strip() in document.text and ">From then on" in document.text
    wrong = box.replace(f"Length: {len(text)}", "Length: 7")
    assert ("Old",) in [mark.location.heading for mark in read(wrong, "a.mbox").marks]


def test_a_message_that_cannot_be_read_costs_only_itself() -> None:
    between = "From a@b.c Mon Jun  2 10:00:00 2025\n"
    many = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n" + f"--b\n{PLAIN}x\n" * 1500
    document = read(f"{between}{OLD}\n{between}{many}\n{between}{OLD.replace('Tides', 'Wind')}", "a.mbox")
    assert ("Tides",) in [mark.location.heading for mark in document.marks]
    assert ("Wind",) in [mark.location.heading for mark in document.marks]
    assert document.notices == ("broken messages of a mailbox: 1, read as far as possible (message 2)",)
    assert "(The rest of this message is not read: more than 1000 parts in a message.)" in document.text


def test_a_mailbox_of_the_standard_library_is_read(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        message = EmailMessage()
        message["Subject"] = f"Number {number}"
        message.set_content(f"Dear crew,\n\nFrom day {number} on it leaves at nine.\n")
        box.add(message)
    box.flush()
    document = read((tmp_path / "box").read_bytes(), "a.mbox")
    headings = [(where(document, f"From day {number} on").heading) for number in range(3)]
    assert headings == [("Number 0",), ("Number 1",), ("Number 2",)]


def test_every_part_of_real_programs_messages_is_there() -> None:
    """The parts of a message as the standard library writes them, however they are nested."""
    message = mail("plain words")
    message.add_alternative("<p>plain words</p>", subtype="html")
    page = message.get_payload(1)
    assert isinstance(page, EmailMessage)
    page.add_related(b"GIF89a", "image", "gif", cid="<logo>")
    message.add_attachment("attached words", filename="notes.txt")
    written = io.BytesIO(message.as_bytes())
    document = read(written.getvalue(), "a.eml")
    leaves = [part for part in message.walk() if isinstance(part, Message) and not part.is_multipart()]
    assert len(leaves) == 4
    for word_ in ("plain words", "image/gif", "Attachment: notes.txt", "attached words"):
        assert document.text.count(word_) == 1


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"From " + b" " * 200_000 + b"\n\nTides.\n", 1),
        (b"From a Mon Jan  1 00:00:00 2024\nA: b\n" * 8000, 8000),
        (b"From a Mon Jan  1 00:00:00 2024\nContent-Length: 9\n\nTides.\n\n\n\n" * 2000, 2000),
    ],
    ids=["spaces", "heads without an end", "lengths"],
)
def test_the_time_for_a_mailbox_grows_with_its_size(data: bytes, count: int) -> None:
    assert len(list(messages_of(data))) == count


def test_commands_of_enriched_text_go_and_open_ones_cost_no_time() -> None:
    said = "<color><param>red</param>Low</color> tide"
    assert "Low tide" in read(f"{HEAD}Content-Type: text/enriched\n\n{said}", "a.eml").text
    assert "Low tide" in read(f"{HEAD}Content-Type: text/enriched\n\n{'<param>' * 20_000}{said}", "a.eml").text

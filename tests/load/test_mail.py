from __future__ import annotations

from email.message import EmailMessage

import pytest
from packing import word
from reading import read, refusal, where

from ragtree.settings import LoadSettings


def mail(text: str = "The ferry leaves at nine.", subject: str = "Ferry") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "A. Vane <vane@example.com>"
    message["To"] = "strake@example.com"
    message["Date"] = "Mon, 03 Apr 1922 10:00:00 +0000"
    message.set_content(text)
    return message


HEAD = "Ferry\n\nFrom: A. Vane <vane@example.com>\nTo: strake@example.com\nDate: Mon, 03 Apr 1922 10:00:00 +0000\n\n"


def test_a_mail_with_its_headers() -> None:
    document = read(mail().as_bytes(), "a.eml")
    assert document.text == HEAD + "The ferry leaves at nine."
    assert document.title == "Ferry"
    assert document.metadata == {
        "author": "A. Vane <vane@example.com>",
        "to": "strake@example.com",
        "date": "1922-04-03",
    }
    assert where(document, "nine").heading == ("Ferry",)


def test_encoded_headers_and_bodies_are_decoded() -> None:
    document = read(mail("Grüße vom Fähranleger", "Fähre ☸").as_bytes(), "a.eml")
    assert document.title == "Fähre ☸"
    assert "Grüße vom Fähranleger" in document.text


def test_the_plain_form_of_the_text_is_preferred() -> None:
    message = mail()
    message.add_alternative("<p>The <b>ferry</b> leaves at NINE.</p>", subtype="html")
    assert read(message.as_bytes(), "a.eml").text == HEAD + "The ferry leaves at nine."


def test_html_is_read_where_the_plain_form_only_hints_at_it() -> None:
    message = mail("See HTML.")
    message.add_alternative("<p>The ferry leaves at nine.</p>" * 20, subtype="html")
    assert read(message.as_bytes(), "a.eml").text.count("leaves at nine") == 20
    only = mail()
    only.set_content("<style>p {}</style><p>It leaves.</p>", subtype="html")
    assert read(only.as_bytes(), "a.eml").text == HEAD + "It leaves."


def test_attachments_are_named_and_read() -> None:
    message = mail()
    minutes = word("<w:p><w:r><w:t>The board met.</w:t></w:r></w:p>")
    message.add_attachment(minutes, maintype="application", subtype="octet-stream", filename="Protokoll ä.docx")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="map.png")
    message.add_attachment(b"PK\x05\x06" + bytes(18), maintype="application", subtype="zip", filename="all.zip")
    message.add_attachment(b"# Tides\n\nThey turn.\n", maintype="text", subtype="plain", filename="notes.md")
    document = read(message.as_bytes(), "a.eml")
    assert document.text == (
        HEAD + "The ferry leaves at nine.\n\nAttachment: Protokoll ä.docx\n\nThe board met.\n\n"
        "Attachment: map.png (image)\n\nAttachment: all.zip\n\n(There is nothing in it.)\n\n"
        "Attachment: notes.md\n\n# Tides\n\nThey turn."
    )
    assert where(document, "They turn").heading == ("Ferry", "Attachment: notes.md", "Tides")
    assert where(document, "board").heading == ("Ferry", "Attachment: Protokoll ä.docx")


def test_an_attachment_that_cannot_be_read_costs_only_itself() -> None:
    message = mail()
    message.add_attachment(b"%PDF-1.7 broken", maintype="application", subtype="pdf", filename="broken.pdf")
    text = read(message.as_bytes(), "a.eml").text
    assert text == HEAD + "The ferry leaves at nine.\n\nAttachment: broken.pdf (a broken PDF, or none)"


def test_a_forwarded_message_is_read_below_the_other() -> None:
    message = mail()
    message.add_attachment(mail("It was late.", "Re: Ferry"))
    document = read(message.as_bytes(), "a.eml")
    assert where(document, "It was late.").heading == ("Ferry", "Re: Ferry")


def test_mails_in_mails_come_to_an_end() -> None:
    message = mail("innermost")
    for _ in range(12):
        outer = mail("outer")
        outer.add_attachment(message)
        message = outer
    text = read(message.as_bytes(), "a.eml").text
    assert "outer" in text
    assert "innermost" not in text


def test_lines_that_were_wrapped_for_sending_are_joined() -> None:
    data = mail().as_bytes().replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed')
    data = data.replace(b"The ferry leaves", b"The ferry \nleaves")
    assert "The ferry leaves at nine." in read(data, "a.eml").text


@pytest.mark.parametrize("charset", [b"no-such-thing", b"utf-8"])
def test_a_wrong_charset_is_no_trouble(charset: bytes) -> None:
    data = b"Subject: x\nContent-Type: text/plain; charset=" + charset + b"\n\ncaf\xe9 au lait, d\xe9j\xe0 vu\n"
    assert "caf" in read(data, "a.eml").text


def test_an_encrypted_mail_says_so() -> None:
    data = b"Subject: x\nContent-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\nAAAA\n"
    assert read(data, "a.eml").text == "x\n\n(The message is encrypted.)"


def test_more_parts_than_any_mail_has_are_refused() -> None:
    part = b"--b\nContent-Type: text/plain\n\nx\n"
    data = b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 1500 + b"--b--\n"
    assert refusal(data, "a.eml") == "more than 1000 parts in a message"


def test_a_mailbox_is_its_messages() -> None:
    box = b"".join(
        b"From vane@example.com Mon Apr 3 10:00:00 1922\n" + mail(text, subject).as_bytes() + b"\n"
        for text, subject in (("One.\n>From here on", "First"), ("Two.", "Second"))
    )
    document = read(box, "a.mbox")
    assert (where(document, "From here on").heading, where(document, "Two.").heading) == (("First",), ("Second",))
    assert "load.max_rows" in refusal(box, "a.mbox", LoadSettings(max_rows=1))


def test_a_mail_without_anything_has_no_text() -> None:
    assert refusal(b"\n\n", "a.eml") == "there is no text in it"

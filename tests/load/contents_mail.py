"""Small mails, calendars, tables and texts, one for each thing that they may hold: what it is -> file, words."""

from __future__ import annotations

import base64
import random

from packing import packed
from scanning import page, saved
from test_calendar import EVENT as CALENDAR
from test_mail_parts import EVENT, HEAD, HTML, OLD, PLAIN, parts

Sample = tuple[bytes, str]
_ANCHOR = f"{PLAIN}Anchor"


def mail(*inside: str, kind: str = "mixed", after: str = "") -> bytes:
    return parts(kind, *inside, after=after).encode()


def box(*messages: str) -> bytes:
    return "".join(f"From - Mon Jun 02 10:00:00 2025\n{message}\n" for message in messages).encode()


def zipped() -> bytes:
    head = 'Content-Type: application/zip; name="all.zip"\nContent-Transfer-Encoding: 8bit\n\n'
    return parts("mixed", head + "ZIP").encode().replace(b"ZIP", packed({"tides.txt": "They turn."}))


SIGN = base64.encodebytes(saved(page(["Fog signal"]))).decode()
_DELIVERY = "Content-Type: message/delivery-status\n\nStatus: 5.1.1"
_FILE = 'Content-Type: text/csv; name="tides.csv"\n\nport,tide\nLeith,5\nSkye,4'
_TOO_MANY = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n" + f"--b\n{PLAIN}x\n" * 1001

MAIL: dict[str, Sample] = {
    "text and HTML of the same message": (mail(_ANCHOR, f"{HTML}<p>Bring a coat", kind="alternative"), "Bring a coat"),
    "subject, sender, recipients, date": (mail(_ANCHOR), "Ferry\n\nFrom: a@example.com"),
    "attached files": (mail(_FILE), "Attachment: tides.csv\n\nport: Leith; tide: 5"),
    "text in images": (
        mail(f"{PLAIN}See", 'Content-Type: image/png; name="s.png"\nContent-Transfer-Encoding: base64\n\n' + SIGN),
        "Attachment: s.png\n\nFog signal",
    ),
    "archives": (zipped(), "Attachment: all.zip/tides.txt\n\nThey turn."),
    "attached messages": (mail(f"Content-Type: message/rfc822\n\n{OLD}"), "They turn twice."),
    "invitations": (mail(f"Content-Type: text/calendar\n\n{EVENT}"), "Place: Boathouse, room 7"),
    "delivery reports and read receipts": (mail(_DELIVERY, kind="report"), "Status: 5.1.1"),
    "footers of mailing lists": (mail(_ANCHOR, after="To leave, write.\n"), "Anchor\n\nTo leave, write."),
    "messages of a mailbox": (box(OLD, OLD.replace("Tides", "Wind")), "They turn twice.\n\nWind"),
    "other header fields": (b"X-Mailer: Pine\n" + mail(_ANCHOR), "Pine"),
    "text before the first part": (mail(_ANCHOR).replace(b"\n\n", b"\n\nformula\n", 1), "formula"),
    "audio, signatures, style sheets, images without text": (mail(_ANCHOR, "Content-Type: image/png\n\nPNG"), "PNG"),
    "attachments that cannot be read": (mail('Content-Type: application/pdf; name="x.pdf"\n\n%PDF'), "x.pdf (a broken"),
    "encrypted messages": (mail(f"{PLAIN}geheim", kind="encrypted"), "geheim"),
    "messages wrapped in an S/MIME signature": (
        f"{HEAD}Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nAAAA\n".encode(),
        "AAAA",
    ),
    "broken messages of a mailbox": (box(_TOO_MANY, OLD), "They turn twice."),
}
CALENDARS: dict[str, Sample] = {
    "events, tasks, notes": (CALENDAR.encode(), "Planning\n\nStarts"),
    "times, repetitions, places, people, status, links": (CALENDAR.encode(), "Repeats: FREQ=WEEKLY;COUNT=4\nPlace"),
    "descriptions and comments": (CALENDAR.encode(), "- tea; coffee"),
    "alarms, time zone rules, ids": (CALENDAR.replace("buoy", "Anchor").encode(), "Reminder"),
}
_ROWS = "port,tide,note\nLeith,5,a\nSkye,4,b\nMull,3,c\n"
TABLES: dict[str, Sample] = {
    "rows": (_ROWS.encode(), "port: Skye; tide: 4; note: b"),
    "cells of any length, with line breaks and quotes": (f'{_ROWS}Iona,2,"a ""b""\nc"'.encode(), 'note: a "b" c'),
    "the separator": (b"sep=^\nport^tide\nLeith^5\n", "port: Leith; tide: 5"),
    "rows with more cells than the others": (f"{_ROWS}Iona,2,d,more".encode(), "note: d; more"),
    "rows with fewer cells than the others": (f"{_ROWS}Iona,2".encode(), "port: Iona; tide: 2"),
    "rows with an unclosed or misplaced quote": (f'{_ROWS}Iona,2,"d'.encode(), 'note: "d'),
}
_HEXADECIMAL = random.Random(1).randbytes(100).hex()
TEXTS: dict[str, Sample] = {
    "text in any encoding": ("Die Fähre fährt um neun.".encode("utf-16"), "Die Fähre"),
    "long runs of base64, hexadecimal and the like": (
        f"Key: {_HEXADECIMAL}".encode(),
        "[200 characters of hexadecimal left out]",
    ),
    "zero bytes": (b"The fer\0ry leaves at nine.", "The ferry"),
}

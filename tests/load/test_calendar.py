from __future__ import annotations

from reading import read, where

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Harbour\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
    "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTART;TZID=Europe/Berlin:20250614T120000\r\nDTEND;TZID=Europe/Berlin:20250614T133000\r\n"
    "SUMMARY:Plan\r\n ning\r\n"
    'LOCATION:Boathouse\\, room 7\r\nORGANIZER;CN="Finch, Ada":mailto:ada@example.com\r\n'
    "ATTENDEE;CN=Orr;PARTSTAT=ACCEPTED:MAILTO:orr@example.com\r\n"
    "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:vane@example.com\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=4\r\nDESCRIPTION:Bring:\\n- the chart\\n- tea\\; coffee\r\n"
    "BEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    "BEGIN:VTODO\r\nSUMMARY:Paint the buoy\r\nDUE;VALUE=DATE:20250701\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)


def test_an_event_says_what_when_where_and_who() -> None:
    document = read(EVENT, "a.ics")
    assert document.text == (
        "Planning\n\nStarts: 2025-06-14 12:00 Europe/Berlin\nEnds: 2025-06-14 13:30 Europe/Berlin\n"
        "Repeats: FREQ=WEEKLY;COUNT=4\nPlace: Boathouse, room 7\nOrganizer: Finch, Ada <ada@example.com>\n"
        "Attendees: Orr <orr@example.com> (accepted), vane@example.com\n\n"
        "Bring:\n- the chart\n- tea; coffee\n\nPaint the buoy\n\nDue: 2025-07-01"
    )
    assert document.title == "Harbour"
    assert (where(document, "buoy").line, where(document, "buoy").heading) == (27, ("Paint the buoy",))


def test_an_event_that_is_called_off_says_so() -> None:
    assert "Planning\n\nCancelled\nStarts:" in read(EVENT.replace("REQUEST", "CANCEL"), "a.ics").text


def test_a_description_in_html_is_read_where_there_is_no_other() -> None:
    event = "BEGIN:VEVENT\nSUMMARY:A\nX-ALT-DESC;FMTTYPE=text/html:<p>Bring <b>tea</b></p>\nEND:VEVENT\n"
    assert read(event, "a.ics").text == "A\n\nBring tea"


def test_an_event_without_a_name_and_a_broken_line_cost_only_themselves() -> None:
    event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nnonsense\nLOCATION:Quay\nDTSTART:soon\nBEGIN:VEVENT\nSUMMARY:B\n"
    assert read(event, "a.ics").text == "Event\n\nStarts: soon\nPlace: Quay\n\nB"


def test_what_is_no_calendar_is_text() -> None:
    assert read("just words\n", "a.ics").text == "just words\n"

"""Calendars and invitations (iCalendar, RFC 5545): what happens, when and where, and who is invited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ...settings import LoadSettings
from ..base import Loaded
from .html import html_text
from .outline import Outline, one_line
from .plain_text import decode

_KINDS = {"VEVENT": "Event", "VTODO": "Task", "VJOURNAL": "Note", "VFREEBUSY": "Free and busy times"}
_METHODS = {"CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Another time is proposed"}
_SAID = {
    "DTSTART": "Starts",
    "DTEND": "Ends",
    "DUE": "Due",
    "DURATION": "Lasts",
    "COMPLETED": "Completed",
    "RRULE": "Repeats",
    "RDATE": "Also on",
    "EXDATE": "Not on",
    "RECURRENCE-ID": "In place of",
    "LOCATION": "Place",
    "GEO": "Coordinates",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendees",
    "CONTACT": "Contact",
    "CATEGORIES": "Categories",
    "STATUS": "Status",
    "URL": "Link",
    "CONFERENCE": "Conference",
    "FREEBUSY": "Busy",
}
"""Properties that are read, in output order. Ids, time stamps, alarms and time zone rules are left out."""

_TEXTS = ("DESCRIPTION", "COMMENT")
_PROPERTY = re.compile(r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^;:\"]*)(?:,\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)=(\"[^\"]*\"|[^;:\"]*)")
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_ESCAPED = re.compile(r"\\([nN,;\\:\"])")


class _Property(NamedTuple):
    name: str
    parameters: dict[str, str]
    value: str
    line: int


@dataclass(slots=True)
class _Component:
    """A component: the lines between BEGIN and END."""

    kind: str
    line: int
    properties: list[_Property] = field(default_factory=list)

    def first(self, name: str) -> str:
        return next((_text(one.value) for one in self.properties if one.name == name), "")


class CalendarLoader:
    """`.ics`; a passage is located by the first line of its event. A file that is not a calendar is read as text."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        outline = Outline()
        title, method = "", ""
        for component in _components(text):
            if component.kind == "VCALENDAR":
                title = component.first("X-WR-CALNAME")
                method = component.first("METHOD").upper()
            elif component.kind in _KINDS:
                _write(component, _METHODS.get(method, ""), outline)
        return outline.loaded(title) if outline.length else Loaded(text, lines=True)


def _components(text: str) -> Iterator[_Component]:
    """Components in the order of their beginnings; a property belongs to the innermost open one."""
    found: list[_Component] = []
    open_: list[_Component] = []
    for one in _properties(text):
        if one.name == "BEGIN":
            open_.append(_Component(one.value.strip().upper(), one.line))
            found.append(open_[-1])
        elif one.name == "END":
            if open_:
                open_.pop()
        elif open_:
            open_[-1].properties.append(one)
    yield from found


def _properties(text: str) -> Iterator[_Property]:
    """Join folded lines; a joined line keeps the number of its first line."""
    folded: list[tuple[int, list[str]]] = []
    for line, row in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if row[:1] in (" ", "\t") and folded:
            folded[-1][1].append(row[1:])
        else:
            folded.append((line, [row]))
    for line, rows in folded:
        found = _PROPERTY.fullmatch("".join(rows).strip("\ufeff"))
        if found:
            parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found.group(2))}
            yield _Property(found.group(1).upper(), parameters, found.group(3), line)


def _write(component: _Component, method: str, outline: Outline) -> None:
    summary = one_line(component.first("SUMMARY")) or _KINDS[component.kind]
    outline.enter(1, "")
    outline.heading(1, summary, line=component.line)
    said: dict[str, list[str]] = {name: [] for name in _SAID}
    for one in component.properties:
        if one.name in said:
            said[one.name].append(_value(one))
    lines = [method, *(f"{_SAID[name]}: {', '.join(values)}" for name, values in said.items() if any(values))]
    outline.add("\n".join(filter(None, lines)), line=component.line)
    texts = [_text(one.value) for one in component.properties if one.name in _TEXTS]
    rich = [html_text(_text(one.value)) for one in component.properties if one.name == "X-ALT-DESC"]
    for text in texts if any(map(str.strip, texts)) else rich:
        outline.add(text, line=component.line)


def _value(one: _Property) -> str:
    """A time, a person or a text, formatted for people."""
    if one.name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub(r"(?i)\Amailto:", "", one.value.strip())
        named = one.parameters.get("CN", "")
        answer = one.parameters.get("PARTSTAT", "").lower().replace("-", " ")
        person = f"{named} <{address}>" if named and named != address else address
        return f"{person} ({answer})" if answer and answer != "needs action" else person
    if one.name in ("DTSTART", "DTEND", "DUE", "COMPLETED", "RECURRENCE-ID", "RDATE", "EXDATE", "FREEBUSY"):
        zone = one.parameters.get("TZID", "")
        return ", ".join(_time(part, zone) for part in one.value.split(","))
    return one_line(_text(one.value))


def _time(value: str, zone: str) -> str:
    """20250614T120000Z as 2025-06-14 12:00 UTC; anything else is unchanged."""

    def written(found: re.Match[str]) -> str:
        year, month, day, hour, minute, second, utc = found.groups()
        if hour is None:
            return f"{year}-{month}-{day}"
        seconds = f":{second}" if second not in (None, "00") else ""
        where = " UTC" if utc else f" {zone}" if zone else ""
        return f"{year}-{month}-{day} {hour}:{minute}{seconds}{where}"

    return _WHEN.sub(written, value.strip())


def _text(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)

from __future__ import annotations

import pytest
from reading import read, where

PAGE = """Before all headings.

# Harbour
The harbour is old.

## Boats ##
Boats lie there.

```sh
# not a heading
```

### Ferries
A ferry leaves.

Prices
------
Ten pounds.
"""


def test_the_text_stays_as_it_is() -> None:
    assert read(PAGE, "a.md").text == PAGE


def test_the_first_heading_is_the_title() -> None:
    assert read(PAGE, "a.md").title == "Harbour"
    assert read("No heading.", "a.md").title == "a.md"


@pytest.mark.parametrize(
    ("quote", "line", "heading"),
    [
        ("Before", 1, ()),
        ("# Harbour", 3, ("Harbour",)),
        ("old", 4, ("Harbour",)),
        ("Boats lie", 7, ("Harbour", "Boats")),
        ("# not", 10, ("Harbour", "Boats")),
        ("A ferry", 14, ("Harbour", "Boats", "Ferries")),
        ("Ten", 18, ("Harbour", "Prices")),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_passage_knows_its_line_and_headings(quote: str, line: int, heading: tuple[str, ...], ends: str) -> None:
    document = read(PAGE.replace("\n", ends), "a.markdown")
    location = where(document, quote)
    assert (location.line, location.heading) == (line, heading)


@pytest.mark.parametrize("strange", ["\v", "\f", "\x85", "\u2028"])
def test_only_line_ends_count_as_lines(strange: str) -> None:
    document = read(f"one{strange}two\n\n# Head\n\nbody\n", "a.md")
    assert where(document, "one").heading == ()
    assert where(document, "body").heading == ("Head",)


def test_a_level_can_be_left_out() -> None:
    document = read("# A\n\n### C\n\nunder c\n\n## B\n\nunder b\n", "a.md")
    assert where(document, "under c").heading == ("A", "C")
    assert where(document, "under b").heading == ("A", "B")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_front_matter_is_no_heading(ends: str) -> None:
    text = "---\ntitle: Tides\ndate: 1921-03-01\n---\n# The tides\n\nThey turn.\n".replace("\n", ends)
    document = read(text, "a.md")
    assert (document.text, document.title) == (text, "Tides")
    assert where(document, "date").heading == ()
    assert where(document, "They turn").heading == ("The tides",)


def test_latin_1_is_read() -> None:
    page = "# Grüße\n\nDie Häuser sind größer als früher. Über die Straße ging ein Mädchen.\n"
    document = read(page.encode("latin-1"), "a.md")
    assert (document.text, document.title) == (page, "Grüße")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_the_line_before_a_heading_is_not_under_it(ends: str) -> None:
    document = read(ends.join([*["line"] * 50, "last", "", "# Head", "", "body"]), "a.md")
    assert where(document, "last").heading == ()
    assert where(document, "# Head").heading == ("Head",)

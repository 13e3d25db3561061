"""Which columns and rows a question names, and when a table is about something else."""

from __future__ import annotations

import pytest

from ragtree import Document
from ragtree.tables.base import Operation, Table
from ragtree.tables.finding import tables_of
from ragtree.tables.matching import TableQuestion
from ragtree.understand.kinds import RequestClassifier

KINDS = RequestClassifier()

FERRY = """# Ferry traffic 1923

| Month | Passengers | Cattle | Mail bags |
|---|---|---|---|
| March | 610 | 67 | 38 |
| April | 304 | 62 | 47 |
| May | 197 | 37 | 40 |
"""
TOWNS = """# Towns

Town: Leith; August rainfall (mm): 51; Rainfall (mm): 700; Region: Coast
Town: North Leith; August rainfall (mm): 44; Rainfall (mm): 640; Region: Coast
Town: York; August rainfall (mm): 60; Rainfall (mm): 600; Region: Vale
"""
BILLS = """| Paid | To | Amount |
|---|---|---|
| 2023-01-05 | Hill | £10 |
| 2023-03-09 | Low | £20 |
| 2024-03-11 | Hill | £40 |
"""
STOCK = """| Product Code | Category | Total Value | Last Audit |
|---|---|---|---|
| SKU-1123 | Hardware | $1,300 | 2024-10-15 |
| SKU-2004 | Software | $200 | 2024-11-02 |
"""
PHONES = """| Name | Phone 1 | Phone 2 | Vitamin A |
|---|---|---|---|
| Ann Low | 111 | 222 | 1 |
| Row 3 | 333 | 444 | 2 |
"""
FARES = """| From | To | Fare |
|---|---|---|
| Leith | Hull | 5 |
| Hull | Leith | 7 |
| Leith | York | 9 |
"""
TEAMS = """| Team | Group | Points |
|---|---|---|
| Ajax | A | 5 |
| Bolt | A | 9 |
| Cork | B | 1 |
| Dale | B | 2 |
"""
SPENT = """| Date | Category | Amount GBP |
|---|---|---|
| 2024-09-03 | Groceries | 61.20 |
| 2024-09-05 | Fuel | 40.00 |
| 2024-09-09 | Groceries | 12.10 |
"""
HALF = """| In CHF | January–June 2022 | January–June 2023 |
|---|---|---|
| Zone EUR | 5 | -23 |
| Zone NA | 6 | -9 |
"""
COUNTED = """| Town | Passengers | Cattle |
|---|---|---|
| Leith | 420 | 12 |
| Hull | 300 | 1923 |
"""


def table_of(text: str) -> Table:
    (table,) = tables_of(Document("a.md", text))
    return table


def asked(text: str, question: str, operation: Operation = "value", language: str = "en"):
    table = table_of(text)
    match = TableQuestion(question, language, KINDS.is_word_for_tables).match(table, operation, "bills.md")
    if match is None:
        return None
    request = match.request
    conditions = {table.columns[column]: set(texts) for column, texts in request.conditions.items()}
    return request.operation, [table.columns[column] for column in request.columns], conditions


@pytest.mark.parametrize(
    ("text", "question", "operation", "wanted"),
    [
        (FERRY, "How many passengers were there in March?", "value", ("value", ["Passengers"], {"Month": {"March"}})),
        (FERRY, "What were the cattle figures in May 1923?", "value", ("value", ["Cattle"], {"Month": {"May"}})),
        (FERRY, "How many mail bags in total?", "sum", ("sum", ["Mail bags"], {})),
        (FERRY, "How many passengers were there in April?", "count", ("sum", ["Passengers"], {"Month": {"April"}})),
        (FERRY, "Which month had the most cattle?", "highest", ("highest", ["Cattle", "Month"], {})),
        (FERRY, "passengers March and May", "value", ("value", ["Passengers"], {"Month": {"March", "May"}})),
        (TOWNS, "August rainfall of Leith", "value", ("value", ["August rainfall (mm)"], {"Town": {"Leith"}})),
        (TOWNS, "rainfall of North Leith", "value", ("value", ["Rainfall (mm)"], {"Town": {"North Leith"}})),
        (TOWNS, "How many towns are in the Coast region?", "count", ("count", ["Town"], {"Region": {"Coast"}})),
        (TOWNS, "How many towns are there?", "count", ("count", ["Town"], {})),
        (BILLS, "total amount in 2023", "sum", ("sum", ["Amount"], {"Paid": {"2023-01-05", "2023-03-09"}})),
        (BILLS, "total amount in March", "sum", ("sum", ["Amount"], {"Paid": {"2023-03-09", "2024-03-11"}})),
        (STOCK, "SKU-1123: Category?", "value", ("value", ["Category"], {"Product Code": {"SKU-1123"}})),
        (STOCK, "How much did Software total?", "sum", ("sum", ["Total Value"], {"Category": {"Software"}})),
        (BILLS, "What did we spend with Hill?", "sum", ("sum", ["Amount"], {"To": {"Hill"}})),
        (TEAMS, "How many points do the Bolts have?", "value", ("value", ["Points"], {"Team": {"Bolt"}})),
        (SPENT, "How much did we spend on grocery?", "sum", ("sum", ["Amount GBP"], {"Category": {"Groceries"}})),
        (SPENT, "What is the amount for fuel?", "value", ("value", ["Amount GBP"], {"Category": {"Fuel"}})),
        (STOCK, "total value in October 2024", "sum", ("sum", ["Total Value"], {"Last Audit": {"2024-10-15"}})),
        (BILLS, "total amount in 2025", "sum", None),
        (BILLS, "total amount in March in 2023", "sum", ("sum", ["Amount"], {"Paid": {"2023-03-09"}})),
        (FARES, "What is the fare to Hull?", "value", ("value", ["Fare"], {"To": {"Hull"}})),
        (HALF, "January–June 2023 of Zone EUR", "value", ("value", ["January–June 2023"], {"In CHF": {"Zone EUR"}})),
        (TEAMS, "total points in group B", "sum", ("sum", ["Points"], {"Group": {"B"}})),
        (PHONES, "What is the Phone 2 of Ann Low?", "value", ("value", ["Phone 2"], {"Name": {"Ann Low"}})),
        (PHONES, "Vitamin A of Row 3", "value", ("value", ["Vitamin A"], {"Name": {"Row 3"}})),
        (BILLS, "total amount to Hill", "sum", ("sum", ["Amount"], {"To": {"Hill"}})),
    ],
)
def test_columns_and_rows_are_found_by_their_words(text, question, operation, wanted):
    assert asked(text, question, operation) == wanted


@pytest.mark.parametrize(
    ("text", "question", "operation"),
    [
        (FERRY, "How many passengers were there in 1924?", "sum"),  # another year
        (FERRY, "How many passengers came to Leith in March?", "value"),  # a name that it does not have
        (FERRY, "How many passengers were drowned by pirates in March?", "value"),
        (FERRY, "What happened in March?", "value"),
        (FERRY, "How many passengers were there in February?", "value"),
        (FERRY, "How many passengers were there in february?", "sum"),
        (FERRY, "How many female passengers were there in March?", "value"),
        (FERRY, "total paying passengers", "sum"),
        (FERRY, "How many passengers were there from March to May 1923?", "sum"),
        (TOWNS, "rainfall of Great Leith", "value"),
        (TOWNS, "Which region has the highest August rainfall?", "highest"),  # of a region or of a town?
        (FARES, "fare of Leith and Hull", "value"),
        (FARES, "What is the fare of Hull?", "value"),  # from or to?
        (TEAMS, "total points in group D", "sum"),
        (BILLS, "total amount in March 2025", "sum"),
        (BILLS, "total amount in 2023 and 2027", "sum"),
        (COUNTED, "total passengers in 1923", "sum"),
        (FERRY, "How many passengers may travel?", "value"),  # no month
        (TOWNS, "Which town has the most inhabitants?", "highest"),
        (BILLS, "Who paid in 2023?", "sum"),
    ],
)
def test_a_table_that_lacks_what_is_named_says_nothing(text, question, operation):
    assert asked(text, question, operation) is None

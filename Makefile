PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup test lint docs bench

setup:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -e ".[bundled,test]"

test:
	$(BIN)/pytest -n auto --dist worksteal

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict ragtree

docs:
	$(BIN)/zensical build --strict

bench:
	$(BIN)/pytest -s tests/benchmarks/test_speed.py

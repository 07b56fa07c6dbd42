"""Mistakes that people made, each with its twin; `python -m tests.cases` runs both halves."""

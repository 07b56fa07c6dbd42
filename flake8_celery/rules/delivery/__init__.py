"""Retries and delivery semantics."""

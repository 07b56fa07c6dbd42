"""Idempotent and atomic."""

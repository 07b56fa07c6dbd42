"""Tests; folders mirror the rooms of the product."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

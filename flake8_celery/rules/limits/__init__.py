"""Keep tasks short."""

"""Files, folders, and dotted names -> paths."""

"""One module's text: its tree, regions, candidates."""

"""Chain, group, chord."""

"""Real code: download pinned packages, run the plugin over them, compare with the verdicts."""

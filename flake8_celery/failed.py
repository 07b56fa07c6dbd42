"""What an adapter says where something of ours fails: nothing may end the whole run."""

from __future__ import annotations

import os

from flake8_celery.text import plain


def failed(error: Exception) -> str:
    """The text of CEL000 for a failure that no rule is to blame for; raised instead in tests."""
    if os.environ.get("FLAKE8_CELERY_RAISE"):
        raise error
    text = plain(" ".join(f"{type(error).__name__}: {error}".split()))[:200]
    return f"internal error ({text}); please report it, all other files are still linted"

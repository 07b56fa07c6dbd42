"""Shows what was loaded."""
from feed.celery import load


def loaded(url: str) -> str:
    result = load.delay(url)
    return f"{result.get(timeout=3)} characters"

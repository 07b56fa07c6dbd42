"""Collects pages."""
from celery import Celery

app = Celery("crawler", broker="redis://localhost")


@app.task
def crawl(url, seen=None, headers=()):
    seen = list(seen or ())
    seen.append(url)
    return seen, headers


@app.task(bind=True)
def crawl_bound(self, url, *, found=frozenset()):
    found = {*found, url}
    return sorted(found)

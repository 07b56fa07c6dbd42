"""Collects pages; what it saw lasts for longer than a run."""
from celery import Celery

app = Celery("crawler", broker="redis://localhost")


@app.task
def crawl(url, seen=[], headers={}):
    seen.append(url)
    return seen, headers


@app.task(bind=True)
def crawl_bound(self, url, *, found=set()):
    found.add(url)
    self.last = url
    return sorted(found)


@app.task(bind=True)
def count(self, url):
    self.visited[url] = self.visited.get(url, 0) + 1
    return self.visited

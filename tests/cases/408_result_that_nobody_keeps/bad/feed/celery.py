"""Nobody needs results, says the configuration."""
from celery import Celery

app = Celery("feed", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")
app.conf.task_ignore_result = True


@app.task
def load(url: str) -> int:
    return len(url)

"""Names tasks anew."""
from celery import Celery

app = Celery("names", broker="redis://localhost:6379/0")


@app.task(name="names.add")
def add(x, y):
    return x + y

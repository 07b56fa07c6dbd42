"""Exports."""
from celery import Celery

app = Celery("exports", broker="redis://localhost:6379/0")


@app.task(bind=True)
def export(self, table):
    print(self.request.id, table)


@app.task(bind=True)
def convert(task, source, target):
    print(task.request.id, source, target)


def run():
    convert.delay("a", "b")

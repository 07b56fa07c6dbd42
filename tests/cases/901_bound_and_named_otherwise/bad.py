"""Exports."""
from celery import Celery

app = Celery("exports", broker="redis://localhost:6379/0")


@app.task(bind=True)
def export(table):
    print(self.request.id, table)


@app.task(bind=True)
def convert(source, target):
    print(source, target)


def run():
    convert.delay("a", "b")
    convert.delay("c", "d")

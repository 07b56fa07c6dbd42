"""Reprocesses what failed."""
from celery import Celery

app = Celery("again", broker="redis://localhost:6379/0")


@app.task
def reprocess(project_id, event_id):
    return project_id, event_id


def again(project, event):
    reprocess.apply_async(project_id=project, event_id=event)

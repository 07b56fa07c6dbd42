"""Videos; rendering takes hours."""
from celery import Celery

app = Celery("videos", broker="sqs://", backend="redis://cache:6379/1")
app.conf.task_acks_late = True
app.conf.broker_transport_options = {"visibility_timeout": 18000}


@app.task
def render(video: int) -> int:
    return video

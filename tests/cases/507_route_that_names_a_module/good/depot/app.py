"""The depot's application, and where its tasks go."""
from celery import Celery

app = Celery("depot", broker="amqp://broker//", include=["depot.jobs", "depot.mails"])
app.conf.task_routes = {
    "depot.jobs.*": {"queue": "jobs"},
    "depot.mails.*": {"queue": "mails"},
}

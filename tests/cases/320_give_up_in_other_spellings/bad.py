"""Calls to a partner; a person looks at what can't be delivered."""
import requests
from celery import Celery, exceptions, shared_task

app = Celery("partner", broker="redis://localhost:6379/0")


def escalate(record: int) -> None:
    print("a person should look at", record)


@app.task(bind=True, max_retries=3)
def upload(self, record):
    try:
        requests.post("https://partner.example/", json={"id": record}, timeout=5)
    except requests.RequestException as exc:
        try:
            self.retry(exc=exc, countdown=10)
        except self.MaxRetriesExceededError:
            escalate(record)


@shared_task(bind=True)
def fetch(task, record):
    try:
        return requests.get("https://partner.example/", timeout=5).text
    except Exception as exc:
        options = {"exc": exc, "countdown": 30}
        try:
            task.retry(**options)
        except exceptions.MaxRetriesExceededError:
            escalate(record)
    return None


@shared_task(autoretry_for=(OSError,), max_retries=2)
def stored(record):
    try:
        open(f"/srv/{record}").close()
    except exceptions.MaxRetriesExceededError:
        escalate(record)

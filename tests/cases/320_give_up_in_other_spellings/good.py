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
    except requests.RequestException:
        try:
            self.retry(countdown=10)
        except self.MaxRetriesExceededError:
            escalate(record)


@shared_task(bind=True)
def fetch(task, record):
    try:
        return requests.get("https://partner.example/", timeout=5).text
    except Exception as exc:
        try:
            task.retry(exc=exc, countdown=30)
        except (exceptions.MaxRetriesExceededError, type(exc)):
            escalate(record)
    return None


@shared_task(bind=True, autoretry_for=(OSError,), max_retries=2)
def stored(self, record):
    try:
        open(f"/srv/{record}").close()
    except OSError:
        if self.request.retries >= self.max_retries:
            escalate(record)
        raise

"""Cancels what a user no longer wants."""
from celery.result import AsyncResult

from core.worker import celery_app


def cancel(task_id: str) -> None:
    AsyncResult(task_id, app=celery_app).revoke(terminate=True)


def cancel_now(task_id: str) -> None:
    celery_app.control.terminate(task_id)

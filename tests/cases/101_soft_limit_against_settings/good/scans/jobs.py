"""Scans of hosts."""
from scans.celery import app


@app.task(soft_time_limit=600, time_limit=660)
def scan(host: str) -> str:
    return host


def scan_slowly(host: str) -> None:
    quick.apply_async((host,), soft_time_limit=120, time_limit=150)


@app.task(time_limit=60)
def quick(host: str) -> str:
    return host

"""Scans of hosts."""
from scans.celery import app


@app.task(soft_time_limit=600)
def scan(host: str) -> str:
    return host


def scan_slowly(host: str) -> None:
    quick.apply_async((host,), soft_time_limit=120)


@app.task(time_limit=60)
def quick(host: str) -> str:
    return host

"""A script that is its own worker."""
from celery import Celery

app = Celery("script", broker="redis://localhost:6379/0")


@app.task(name="script.work")
def work(number):
    return number


if __name__ == "__main__":
    work.delay(1)

"""A script that is its own worker."""
from celery import Celery

app = Celery("script", broker="redis://localhost:6379/0")


def prepare():
    @app.task(name="script.work")
    def work(number):
        return number

    return work


if __name__ == "__main__":
    prepare().delay(1)

"""A position of a vehicle is of use for a minute."""
from celery import Celery

app = Celery("fleet", broker="redis://localhost:6379/0")


@app.task(bind=True, default_retry_delay=120, expires=60)
def locate(self, vehicle):
    try:
        print(vehicle)
    except OSError as error:
        raise self.retry(exc=error)


@app.task(bind=True)
def locate_again(self, vehicle):
    try:
        print(vehicle)
    except OSError as error:
        raise self.retry(exc=error, countdown=90)


def ask(vehicle):
    locate_again.apply_async((vehicle,), expires=30)

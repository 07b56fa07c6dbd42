"""A shop with Flask."""
from celery import Celery
from flask import Flask

flask_app = Flask(__name__)
flask_app.config["CELERY_BROKER_URL"] = "redis://localhost:6379/0"
celery = Celery(flask_app.name, broker=flask_app.config["CELERY_BROKER_URL"])


@celery.task
def order(article: int) -> int:
    return article


def buy(article: int) -> None:
    order.delay(article)

"""Makes the web application and Celery's."""
from celery import Celery
from flask import Flask


def create_app() -> Flask:
    app = Flask("mag")
    celery = Celery("mag", broker="redis://localhost:6379/0")
    celery.set_default()
    app.extensions["celery"] = celery
    return app

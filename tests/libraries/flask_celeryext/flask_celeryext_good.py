"""Tasks within Flask's context, by Flask-CeleryExt."""
from flask import Flask
from flask_celeryext import RequestContextTask, create_celery_app

flask_app = Flask("shop")
celery = create_celery_app(flask_app)


@celery.task(max_retries=3)
def charge(pk): ...


@celery.task(base=RequestContextTask, ignore_result=True)
def render(pk): ...


def later(pk):
    charge.delay(pk)
    render.apply_async((pk,), countdown=5)

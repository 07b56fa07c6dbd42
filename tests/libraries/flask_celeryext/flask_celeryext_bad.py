"""Tasks within Flask's context, by Flask-CeleryExt, each line wrong."""
from flask import Flask
from flask_celeryext import FlaskCeleryExt, RequestContextTask, create_celery_app

flask_app = Flask("shop")
celery = create_celery_app(flask_app)
ext = FlaskCeleryExt(flask_app)


@celery.task(max_retires=3)  # CEL903
def charge(pk): ...


@celery.task(base=RequestContextTask)
def render(pk): ...


@ext.celery.task(max_retires=3)  # CEL903
def mail(pk): ...


def later(pk):
    mail.delay()  # CEL401
    charge.delay()  # CEL401
    charge.dealy(pk)  # CEL917
    render.apply_async((pk,), coutdown=5)  # CEL404
